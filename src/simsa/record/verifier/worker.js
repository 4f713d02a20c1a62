// Checks a bundle beside the page, so that the page stays alive.

import { verify } from "./verify.js";

self.onmessage = async ({ data: { bundle, options } }) => {
  try {
    const found = await verify(bundle, options, (check, share) => self.postMessage({ progress: { check, share } }));
    self.postMessage({ found });
  } catch (error) {
    self.postMessage({ error: String(error?.message ?? error) });
  }
};
