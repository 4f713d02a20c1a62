// A ranked ballot is put in order on the page itself; without this script each button asks the site.

const form = document.querySelector("form[data-most]");
const order = form.querySelector(".order");
const none = form.querySelector(".none");
const home = new Map();
for (const list of form.querySelectorAll(".choices ul"))
  for (const item of list.children) home.set(item, list);

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  const [verb, key] = button ? button.value.split(":") : [];
  if (!key) return;
  const item = button.closest("li");
  // What was on the ballot when the page came goes back by way of the site, which knows its group.
  if (verb === "drop" && !home.has(item)) return;
  event.preventDefault();
  if (verb === "add") order.append(item);
  if (verb === "drop") home.get(item).append(item);
  if (verb === "up") item.previousElementSibling.before(item);
  if (verb === "down") item.nextElementSibling.after(item);
  item.querySelector("input").disabled = verb === "drop";
  refresh();
  const wanted = { add: ".drop", drop: ".add", up: ".up", down: ".down" }[verb];
  const same = item.querySelector(wanted);
  (same.disabled ? item.querySelector(verb === "up" ? ".down" : ".up") : same).focus();
});

function refresh() {
  const chosen = [...order.children];
  none.hidden = chosen.length > 0;
  for (const [n, item] of chosen.entries()) {
    item.querySelector(".up").disabled = n === 0;
    item.querySelector(".down").disabled = n === chosen.length - 1;
  }
  const full = chosen.length >= Number(form.dataset.most);
  for (const button of form.querySelectorAll(".choices .add")) button.disabled = full;
}
