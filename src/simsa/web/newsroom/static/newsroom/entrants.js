/* The entrants of an article: a field above their list shows those whose names hold what is typed, and those chosen. */
(() => {
  const set = (list) => {
    if (list.dataset.filtered) return;
    list.dataset.filtered = 'yes';
    const field = document.createElement('input');
    field.type = 'search';
    field.setAttribute('aria-label', list.dataset.filter);
    field.placeholder = list.dataset.filter;
    const status = document.createElement('p');
    status.setAttribute('role', 'status');
    status.className = 'help';
    const rows = [...list.querySelectorAll('label')].map((label) => ({
      row: label.parentElement, box: label.querySelector('input'), name: label.textContent.toLowerCase(),
    }));
    const show = () => {
      const wanted = field.value.trim().toLowerCase();
      rows.forEach(({ row, box, name }) => { row.hidden = !box.checked && !name.includes(wanted); });
      const chosen = rows.filter(({ box }) => box.checked).length;
      status.textContent = `${list.dataset.chosen} ${chosen}`;
    };
    field.addEventListener('input', show);
    field.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
    list.addEventListener('change', show);
    list.before(field);
    list.after(status);
    show();
  };
  const all = () => document.querySelectorAll('.entrants-choice').forEach(set);
  document.addEventListener('DOMContentLoaded', all);
  if (document.readyState !== 'loading') all();
})();
