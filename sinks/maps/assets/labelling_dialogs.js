/* The two dialogs of the labelling page: who labels, and what the keys do. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  /** Ask for the name of the interpreter; it cannot be left before one is given. */
  sinks.nameDialog = (begin, begun) => {
    const name = h('input', { type: 'text', maxlength: 40, required: true, autocomplete: 'off' });
    const node = h('dialog.lab-dialog', { 'aria-label': word('who') });
    const take = (event) => {
      event.preventDefault();
      const given = sinks.oneLine(name.value);
      if (!given) return;
      name.blur(); // a closed dialog would keep the focus, and with it the next key, for a moment
      node.close();
      begin(given);
    };
    node.oncancel = (event) => begun() || event.preventDefault();
    node.append(h('form', { method: 'dialog', onsubmit: take }, h('h2', { said: word('who') }), h('p', { said: word('who_why') }),
      h('label', null, h('span', { said: word('name') }), name),
      h('button.sinks-button', { type: 'submit', said: word('start') })));
    const ask = (known) => {
      name.value = known;
      node.showModal();
      name.select();
    };
    return { node, ask };
  };

  sinks.helpDialog = (twoDates, twoViews) => {
    const rows = [
      ['1 2 3 …', 'key_class'], ...(twoDates ? [['1 1', 'key_same'], ['↑ ↓', 'key_date']] : []),
      ['← →', 'key_move'], ['U', 'key_undo'], ['S', 'key_skip'], ['C', 'key_confidence'], ['N', 'key_note'],
      ...(twoViews ? [['F', 'key_view']] : []), ['?', 'key_help'],
    ];
    const list = h('dl.lab-keys');
    rows.forEach(([key, name]) => list.append(h('dt', null, h('kbd', null, key)), h('dd', { said: word(name) })));
    const close = h('button.sinks-button', { type: 'button', said: word('close'), onclick: () => node.close() });
    const node = h('dialog.lab-dialog', { 'aria-label': word('keys') }, h('h2', { said: word('keys') }), list,
      h('p', { said: word('help_rule') }), close);
    return node;
  };
}());
