/* A save by hand has the last word over Wagtail's saves by themselves. One of these that is under way is waited for, one
   that is due is called off: sent together, whichever the server finishes last stays, and that may be the older text. */
(() => {
  const AGAIN = 30000; // as long as the pressed button stays closed
  let due = null;
  const controller = (form) => window.wagtail?.app?.getControllerForElementAndIdentifier(form, 'w-autosave');

  window.addEventListener('w-autosave:save', (event) => { due = event; });

  window.addEventListener('submit', (event) => {
    const [form, button] = [event.target, event.submitter];
    const autosave = controller(form);
    if (event.defaultPrevented || !autosave) return;
    autosave.activeValue = false;
    setTimeout(() => { autosave.activeValue = true; }, AGAIN); // the page is still there: it was stopped from leaving
    if (!autosave.submitPromise) return;
    event.preventDefault();
    due.preventDefault();
    autosave.submitPromise.then(() => {
      const closed = button?.disabled;
      if (closed) button.disabled = false; // a closed button would not say which one it was
      form.requestSubmit(button);
      if (closed) button.disabled = true;
    });
  });
})();
