/* Figures in the editor of an article: what the result says now is asked for once for the page that is being edited. */
(() => {
  const { React, DraftJS, draftail } = window;
  const page = location.pathname.match(/^(.*)\/pages\/(\d+)\//);
  const root = page ? page[1] : location.pathname.replace(/\/pages\/.*$/, '');
  const words = { title: '', insert: '', cancel: '', none: '', nothing: '', now: '' };
  let known = null;
  const listeners = new Set();

  const asked = (page ? fetch(`${root}/newsroom/figures/${page[2]}/known/`) : Promise.reject(new Error('new page')))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
    .then((answer) => { known = answer.known; Object.assign(words, answer.words); })
    .catch(() => { known = null; })
    .finally(() => listeners.forEach((listener) => listener()));

  /* A particle follows the last sound of what is before it, which the server knows of the figures that are stored. */
  const present = (reference, text) => {
    if (reference in known) return known[reference];
    const [plain, particle] = reference.split('+');
    return particle && text.startsWith(known[plain]) ? text : null;
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
    const stale = said !== decoratedText;
    let title = reference;
    if (stale) title = said === null ? words.nothing : words.now.replace('%s', said);
    return React.createElement('span', { className: stale ? 'figure-stale' : 'figure-bound', title }, children);
  };

  /* The toolbar's button: choose what to take from the result. */
  class Chooser extends React.Component {
    componentDidMount() {
      const { editorState, entityType, onComplete, onClose } = this.props;
      asked.then(() => {
        const dialog = document.createElement('dialog');
        dialog.className = 'figure-chooser';
        const form = document.createElement('form');
        form.method = 'dialog';
        const label = document.createElement('label');
        label.textContent = known && Object.keys(known).length ? words.title : words.none || '–';
        const select = document.createElement('select');
        Object.entries(known || {}).filter(([reference]) => !reference.includes('+')).forEach(([reference, said]) => {
          select.add(new Option(`${said}  (${reference})`, reference));
        });
        label.append(select);
        const insert = document.createElement('button');
        insert.className = 'button';
        insert.value = 'insert';
        insert.textContent = words.insert;
        const cancel = document.createElement('button');
        cancel.className = 'button button-secondary';
        cancel.value = '';
        cancel.textContent = words.cancel || '×';
        form.append(label, ...(select.length ? [insert, ' '] : []), cancel);
        dialog.append(form);
        document.body.append(dialog);
        dialog.addEventListener('close', () => {
          dialog.remove();
          if (dialog.returnValue !== 'insert' || !select.value) { onClose(); return; }
          const content = editorState.getCurrentContent()
            .createEntity(entityType.type, 'MUTABLE', { reference: select.value });
          const changed = DraftJS.Modifier.replaceText(
            content, editorState.getSelection(), known[select.value], null, content.getLastCreatedEntityKey(),
          );
          onComplete(DraftJS.EditorState.push(editorState, changed, 'insert-characters'));
        });
        dialog.showModal();
      });
    }

    render() { return null; }
  }

  draftail.registerPlugin({ type: 'FIGURE', source: Chooser, decorator: Figure }, 'entityTypes');
})();
