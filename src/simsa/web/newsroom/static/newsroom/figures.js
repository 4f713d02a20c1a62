/* Figures in the editor of an article: what the result says now, and the chooser that takes from it. */
(() => {
  const { React, DraftJS, draftail } = window;
  const listeners = new Set();
  let known = null;
  let labels = {};
  let words = {};

  /* A new page gets its address when it is first saved, so that is looked at each time. */
  const ask = () => {
    const page = location.pathname.match(/^(.*)\/pages\/(\d+)\//);
    if (!page) return Promise.resolve({ choices: [], nothing: words.unsaved });
    return fetch(`${page[1]}/newsroom/figures/${page[2]}/known/`)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
      .then((answer) => {
        known = answer.known;
        words = answer.words;
        labels = Object.fromEntries(answer.choices.map(({ reference, group, label }) => [reference, `${group} · ${label}`]));
        listeners.forEach((listener) => listener());
        return answer;
      })
      .catch(() => ({ choices: [], nothing: words.failed }));
  };
  ask();

  /* Wagtail scrolls softly to the block that the address names, and stops midway where the page still grows. */
  window.addEventListener('load', () => {
    const wanted = location.hash.slice(1);
    if (!wanted.startsWith('block-')) return;
    setTimeout(() => document.getElementById(wanted)?.scrollIntoView({ behavior: 'instant' }), 500);
  });

  /* A particle follows the last sound of what is before it, which the server knows of the figures that are stored. */
  const present = (reference, text) => {
    if (reference in known) return known[reference];
    const [plain, particle] = reference.split('+');
    return particle && text.startsWith(known[plain]) ? text : null;
  };

  /* Whether further digits stand directly before or after a figure, as the server asks when it is published. */
  const isInside = (children, length) => {
    const leaf = React.Children.toArray(children)[0]?.props;
    if (!leaf?.block) return false;
    const [start, end] = [leaf.start, leaf.start + length];
    return [...leaf.block.getText().matchAll(/\p{Nd}+(?:[.,]\p{Nd}+)*/gu)].some((number) => {
      const [from, to] = [number.index, number.index + number[0].length];
      return (from < start && start < to) || (from < end && end < to);
    });
  };

  const Figure = ({ contentState, entityKey, decoratedText, children }) => {
    const [, redraw] = React.useState(0);
    React.useEffect(() => {
      const listener = () => redraw((count) => count + 1);
      listeners.add(listener);
      return () => listeners.delete(listener);
    }, []);
    const { reference } = contentState.getEntity(entityKey).getData();
    const said = known ? present(reference, decoratedText) : decoratedText;
    const inside = isInside(children, decoratedText.length);
    let title = labels[reference.split('+')[0]] || '';
    if (said === null) title = words.none;
    else if (said !== decoratedText) title = words.now?.replace('%(said)s', said);
    if (inside) title = words.inside;
    const stale = inside || said !== decoratedText;
    return React.createElement('span', { className: stale ? 'figure-stale' : 'figure-bound', title }, children);
  };

  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  };
  const spelled = (text) => text.normalize('NFKC').toLowerCase();

  /* A combobox whose list is always open: the field keeps the focus, the arrow keys lead through what was found. */
  const choose = (chosen, closed) => {
    const title = element('h2', { id: 'figure-chooser-title' }, words.title);
    const field = element('input', {
      type: 'text', role: 'combobox', autocomplete: 'off', 'aria-expanded': 'true', 'aria-autocomplete': 'list',
      'aria-controls': 'figure-choices', 'aria-label': words.search, placeholder: words.search,
    });
    const status = element('p', { role: 'status' }, words.asking);
    const list = element('div', { id: 'figure-choices', role: 'listbox', 'aria-labelledby': 'figure-chooser-title' });
    const cancel = element('button', { type: 'button', class: 'button button-secondary' }, words.cancel);
    const dialog = element(
      'dialog', { class: 'figure-chooser', 'aria-labelledby': 'figure-chooser-title' }, title, field, status, list, cancel,
    );
    let options = [];
    let shown = [];
    let active = null;
    let choice = null;

    const activate = (option) => {
      active?.setAttribute('aria-selected', 'false');
      active = option || null;
      field.setAttribute('aria-activedescendant', active?.id || '');
      active?.setAttribute('aria-selected', 'true');
      active?.scrollIntoView({ block: 'nearest' });
    };
    const filter = () => {
      const wanted = spelled(field.value).split(/\s+/).filter(Boolean);
      options.forEach((option) => { option.hidden = !wanted.every((word) => option.searched.includes(word)); });
      list.querySelectorAll('[role=group]').forEach((group) => {
        group.hidden = !group.querySelector('[role=option]:not([hidden])');
      });
      shown = options.filter((option) => !option.hidden);
      status.textContent = words.found.replace('%(found)s', shown.length).replace('%(all)s', options.length);
      activate(shown[0]);
    };
    const insert = (option) => {
      choice = option?.choice || null;
      if (choice) dialog.close();
    };
    const fill = ({ choices, nothing }) => {
      choices.forEach((one, number) => {
        let group = list.lastElementChild;
        if (group?.getAttribute('aria-label') !== one.group) {
          group = element('div', { role: 'group', 'aria-label': one.group });
          list.append(group);
        }
        const label = `${one.group} · ${one.label}: `;
        const option = element(
          'div', { role: 'option', id: `figure-choice-${number}`, 'aria-selected': 'false' },
          element('span', {}, label), element('strong', {}, one.said),
        );
        option.choice = one;
        option.searched = spelled(`${label}${one.said} ${one.about}`);
        option.addEventListener('click', () => insert(option));
        group.append(option);
        options.push(option);
      });
      if (choices.length) filter();
      else {
        status.textContent = nothing;
        field.hidden = true;
        list.hidden = true;
        cancel.focus();
      }
    };

    field.addEventListener('input', filter);
    field.addEventListener('keydown', (event) => {
      if (event.isComposing) return;  // Enter and the arrow keys then belong to the letters that are being put together
      const at = shown.indexOf(active);
      const steps = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
      if (event.key in steps) activate(shown[Math.max(0, Math.min(shown.length - 1, steps[event.key]))]);
      else if (event.key === 'Enter') insert(active);
      else return;
      event.preventDefault();
    });
    cancel.addEventListener('click', () => dialog.close());
    dialog.addEventListener('keydown', (event) => event.stopPropagation());  // the page's own shortcuts
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (choice) chosen(choice);
      else closed();
    });
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
    ask().then(fill);
  };

  class Chooser extends React.Component {
    componentDidMount() {
      const { editorState, entityType, onComplete } = this.props;
      words = entityType.words;
      choose(({ reference, said }) => {
        const content = editorState.getCurrentContent().createEntity(entityType.type, 'IMMUTABLE', { reference });
        const changed = DraftJS.Modifier.replaceText(
          content, editorState.getSelection(), said, null, content.getLastCreatedEntityKey(),
        );
        onComplete(DraftJS.EditorState.push(editorState, changed, 'insert-characters'));
      }, () => {
        // Closed as Draftail closes, the text would not have the focus and the caret again.
        onComplete(DraftJS.EditorState.forceSelection(editorState, editorState.getSelection()));
      });
    }

    render() { return null; }
  }

  draftail.registerPlugin({ type: 'FIGURE', source: Chooser, decorator: Figure }, 'entityTypes');
})();
