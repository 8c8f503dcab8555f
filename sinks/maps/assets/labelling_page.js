/* The labelling page: images of one sample, the classes and their keys, what was answered.
   Everything can be done by keyboard; nothing shows what the map says. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const LAST_NAME = 'sinks-labels:interpreter';

  class Labelling {
    constructor(facts, chips) {
      Object.assign(this, { facts, chips, view: 'natural', field: 0, labels: null });
      this.classes = new Map(facts.legend.map((c) => [c.press, c]));
      this.keys = {
        ArrowLeft: () => this.go(this.at - 1), ArrowRight: () => this.go(this.at + 1),
        ArrowUp: () => this.aim(0), ArrowDown: () => this.aim(1),
        u: () => this.undo(), s: () => this.skip(), n: () => this.note.focus(),
        c: () => this.confidence(), f: () => this.switchView(), '?': () => this.help.showModal(),
      };
      this._build();
      document.addEventListener('keydown', (event) => this._key(event));
      window.addEventListener('resize', () => this.paint());
      window.addEventListener('storage', (event) => this._elsewhere(event));
      window.addEventListener('beforeunload', (event) => this.labels && !this.labels.kept && this.labels.changes && event.preventDefault());
      this.ask();
    }

    /* ---- the page ---- */
    _build() {
      const button = (name, onclick, given) => h('button.sinks-button', { type: 'button', said: word(name), onclick, ...given });
      this.file = h('input', { type: 'file', accept: '.csv,text/csv', hidden: true, onchange: () => this.import() });
      this.person = h('span.lab-person');
      const header = h('header.sinks-header', null, h('h1', null, sinks.name(this.facts.title)),
        h('span.sinks-subtitle', null, this.person, ' ', button('change_interpreter', () => this.ask(), { class: 'sinks-link' })),
        h('span.sinks-buttons', null, button('export', () => this.export()), button('import', () => this.file.click()), this.file,
          button('help', () => this.help.showModal()),
          button('other_language', () => this.speak(), { 'aria-label': word('change_language') })));
      this.unkept = h('div.sinks-banner', { role: 'alert', hidden: true }, h('strong', { said: word('not_kept') }));
      this.live = h('p.lab-live', { role: 'status', 'aria-live': 'polite' });
      this.help = sinks.helpDialog(this.facts.dates.length > 1, this._second);
      this.who = sinks.nameDialog((name) => this.begin(name), () => this.labels);
      this.state = h('span');
      this.main = h('main.lab-main.lab-waiting', null, this._stage(button), this._side());
      document.body.classList.add('sinks-page');
      document.body.append(h('div.sinks-frame.lab', null, header, banner(this.facts.banner), this.unkept,
        this.main,
        h('footer.sinks-footer', null, this.state, h('span', { said: word('sample_hash', { hash: this.facts.hash }) }),
          h('span', { said: word('internal') }))), this.help, this.who.node);
      sinks.say(document.querySelector('title'), this.facts.title);
    }
    _stage(button) {
      this.heading = h('h2.lab-sample');
      this.bar = h('progress', { max: this.facts.samples.length });
      this.progress = h('span.lab-progress');
      this.places = h('dl.lab-places');
      this.copy = button('copy', () => this._copy(), { class: 'sinks-link' });
      this.figures = h('div.lab-figures', null, ...this.chips.map((chip) => h('figure.lab-figure', null,
        h('figcaption', null, sinks.name(chip.facts.label, 'strong'),
          h('span', { said: word('ring', { metres: chip.radius }) })), chip.node)));
      if (!this.chips.length) this.figures.append(h('p.lab-missing', { said: word('no_images') }));
      this.viewButton = h('button.sinks-button', { type: 'button', hidden: !this._second, onclick: () => this.switchView() });
      const remark = this.chips.some((chip) => !chip.facts.comparable) ? h('p.sinks-note', { said: word('incomparable') }) : null;
      return h('section.lab-stage', null,
        h('div.lab-row', null, this.heading, this.bar, this.progress, h('span.lab-space'),
          button('previous', () => this.go(this.at - 1)), button('next', () => this.go(this.at + 1)), this.viewButton),
        h('div.lab-row', null, this.places, this.copy), this.figures, remark, this.live);
    }
    get _second() { return this.chips.some((chip) => chip.facts.views.false); }
    _side() {
      const aim = (i) => h('button.lab-answer', { type: 'button', onclick: () => this.aim(i) },
        sinks.name(this.facts.dates[i]), h('b'));
      this.answers = this.facts.dates.map((_, i) => aim(i));
      this.question = h('h2', { id: 'lab-question' });
      this.buttons = this.facts.legend.map((c) => h('button.lab-class', { type: 'button', onclick: () => this.answer(c) },
        h('kbd', null, c.press.toUpperCase()), h('span.sinks-colour', { style: { 'background-color': c.colour } }),
        sinks.name(c.name), h('small')));
      this.sure = h('button.sinks-button', { type: 'button', onclick: () => this.confidence() });
      this.note = h('input.lab-note', { type: 'text', maxlength: 200, 'aria-label': word('note'), placeholder: word('note'),
        onchange: () => this._put({ note: sinks.oneLine(this.note.value) }) });
      const small = (name, onclick) => h('button.sinks-button', { type: 'button', said: word(name), onclick });
      return h('aside.lab-side', null, h('div.lab-answers', null, ...this.answers), this.question,
        h('div.lab-classes', { role: 'group', 'aria-labelledby': 'lab-question' }, ...this.buttons),
        h('div.lab-tools', null, this.sure, small('skip', () => this.skip()), small('undo', () => this.undo())), this.note);
    }
    /* ---- who labels ---- */
    ask() {
      this.who.ask(this.labels ? this.labels.interpreter : remembered());
    }
    begin(name) {
      this.labels = new sinks.Labels(this.facts, name);
      this.labels.keep();
      this.main.classList.remove('lab-waiting');
      remember(name);
      sinks.say(this.person, word('interpreter', { name }));
      this.go(this.labels.at);
    }

    /** The same interpreter labels in another window: show what was said there. */
    _elsewhere(event) {
      if (!this.labels || event.key !== this.labels.slot) return;
      this.labels.load();
      this.show();
    }

    /* ---- moving ---- */
    get at() { return this.labels.at; }
    get sample() { return this.facts.samples[this.at]; }
    get record() { return this.labels.of(this.sample.id); }
    go(index) {
      this.labels.at = (index + this.facts.samples.length) % this.facts.samples.length;
      this.field = Math.max(0, this.labels.fields.findIndex((field) => !this.record[field]));
      this.labels.keep();
      this.show();
    }
    aim(field) {
      this.field = Math.min(field, this.facts.dates.length - 1);
      this.show();
    }
    /** On to the next sample without labels: skipped ones come last. */
    onward() {
      const { samples } = this.facts;
      const ahead = samples.map((_, i) => (this.at + 1 + i) % samples.length).filter((i) => !this.labels.done(samples[i].id));
      const fresh = ahead.find((i) => !this.labels.of(samples[i].id).skipped);
      const next = fresh === undefined ? ahead[0] : fresh;
      if (next === undefined) this.tell(word('all_done'));
      this.go(next === undefined ? this.at : next);
    }

    /* ---- answering ---- */
    answer(chosen) {
      const { id } = this.sample;
      this._put({ [this.labels.fields[this.field]]: chosen.key, skipped: false });
      if (!this.labels.done(id)) return this.aim(this.labels.fields.findIndex((field) => !this.record[field]));
      this.tell(word('given', { id, label: this._said(this.record) }));
      return this.onward();
    }
    skip() {
      const { id } = this.sample;
      if (!this.labels.done(id)) this._put({ skipped: true });
      this.tell(word('given', { id, label: word('skipped') }));
      this.onward();
    }
    confidence() { this._put({ confidence: this.record.confidence === 'low' ? 'high' : 'low' }); }
    undo() {
      const id = this.labels.undo();
      this.tell(id === undefined ? word('nothing_to_undo') : word('undone', { id }));
      if (id !== undefined) this.go(this.facts.samples.findIndex((s) => s.id === id));
    }
    _put(changes) {
      this.labels.put(this.sample.id, changes);
      this.show();
    }
    _said(record) {
      const [first, second] = this.labels.fields.map((field) => this._named(record[field]));
      if (!second) return first;
      return record.label === record.label_after ? sinks.join([first, word('unchanged')], { zh: '，', en: ', ' }) : sinks.join([first, second], ' → ');
    }
    _named(key) {
      const found = this.facts.legend.find((c) => c.key === key);
      return found ? found.name : key || word('unlabelled');
    }

    /* ---- showing ---- */
    show() {
      const { sample, record, labels, facts } = this;
      sinks.say(this.heading, word('sample', { id: sample.id }));
      this.bar.value = labels.count;
      sinks.say(this.progress, word('progress', { done: labels.count, total: facts.samples.length }));
      this.unkept.hidden = labels.kept;
      sinks.say(this.state, labels.changes ? sinks.join([word(labels.kept ? 'kept' : 'not_kept'), word('since_export', { n: labels.changes })], { zh: '，', en: '; ' })
        : word(labels.kept ? 'kept' : 'not_kept'));
      sinks.say(this.question, word(this.chips.length ? 'ask' : 'ask_place', { date: facts.dates[this.field] }));
      this.answers.forEach((node, i) => {
        node.setAttribute('aria-pressed', i === this.field);
        sinks.say(node.lastChild, this._named(record[labels.fields[i]]));
      });
      this.buttons.forEach((node, i) => this._marked(node, facts.legend[i]));
      sinks.say(this.sure, word('confidence_key', { level: word(record.confidence) }));
      this.sure.setAttribute('aria-pressed', record.confidence === 'low');
      this.note.value = record.note;
      this._place(sample);
      this.paint();
    }
    _marked(node, { key }) {
      const { record, labels, facts } = this;
      const chosen = labels.fields.map((field, i) => (record[field] === key ? facts.dates[i] : '')).filter((date) => date);
      node.setAttribute('aria-pressed', record[labels.fields[this.field]] === key);
      sinks.say(node.lastChild, chosen.length ? sinks.join(['✓', ...chosen], ' ') : '');
    }
    _place({ lon, lat, x, y }) {
      const pair = (term, text) => [h('dt', { said: term }), h('dd', { said: text })];
      const plane = this.facts.crs ? pair(word('xy', { crs: this.facts.crs }), `${x}, ${y}`) : [];
      this.places.replaceChildren(...pair(word('lonlat'), `${lon.toFixed(6)}, ${lat.toFixed(6)}`), ...plane);
    }
    paint() {
      if (!this.labels || !this.chips.length) return;
      const room = this.figures.getBoundingClientRect();
      const gap = 12;
      const caption = 26;
      const across = (room.width - gap * (this.chips.length - 1)) / this.chips.length;
      const width = Math.max(4 * 48, Math.floor(Math.min(across, room.height - caption)));
      this.chips.forEach((chip) => {
        const { size } = chip.facts;
        const date = chip.facts.label;
        sinks.say(chip.canvas, word('chip_of', { id: this.sample.id, date }), 'aria-label');
        chip.show(this.at, this.view, Math.max(1, Math.floor(width / size)) * size);
        chip.planes((this.at + 1) % this.facts.samples.length);
      });
      sinks.say(this.viewButton, word('view_key', { view: word(this.view) }));
    }
    switchView() {
      if (!this._second) return;
      this.view = this.view === 'natural' ? 'false' : 'natural';
      this.paint();
    }
    tell(text) { sinks.say(this.live, text); }
    speak() { sinks.speak(sinks.language === 'zh' ? 'en' : 'zh'); }

    /* ---- keys ---- */
    _key(event) {
      if (!this.labels || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = pressed(event);
      if (this.help.open && key === '?') this.help.close();
      else if (event.target === this.note) this._fromNote(event);
      else if (!document.querySelector('dialog[open]') && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) this._act(key, event);
    }
    _fromNote(event) {
      if ((event.key === 'Enter' || event.key === 'Escape') && !event.isComposing) this.note.blur();
    }
    _act(key, event) {
      const act = this.classes.has(key) ? () => this.answer(this.classes.get(key)) : this.keys[key];
      if (!act) return;
      event.preventDefault();
      act();
    }

    /* ---- files ---- */
    export() {
      const { labels, facts } = this;
      const name = `labels_${facts.hash}_${labels.interpreter.replace(/[\\/:*?"<>|\s.]+/g, '_')}.csv`;
      const address = URL.createObjectURL(new Blob([labels.csv()], { type: 'text/csv;charset=utf-8' }));
      const link = h('a', { href: address, download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
      labels.changes = 0;
      labels.keep();
      this.tell(word('exported', { n: labels.count }));
      this.show();
    }
    async import() {
      const [file] = this.file.files;
      if (!file) return;
      try {
        const taken = this.labels.read(sinks.textOf(await new Response(file).arrayBuffer()));
        this.tell(word('imported', { n: taken }));
        this.go(this.at);
      } catch (error) {
        if (!(error instanceof sinks.Unfit)) throw error;
        this.tell(word(error.word, { found: error.found || '—' }));
      }
      this.file.value = '';
    }
    _copy() {
      const { lon, lat } = this.sample;
      navigator.clipboard.writeText(`${lon}, ${lat}`).then(() => this.tell(word('copied')));
    }
  }

  /** The key as its letter, also where an input method or a shift of width is on. */
  const pressed = ({ key, code }) => {
    if (key === '?' || key === '？') return '?';
    if (/^[\x21-\x7e]$/.test(key)) return key.toLowerCase();
    const letter = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code || '');
    return letter ? (letter[1] || letter[2]).toLowerCase() : key;
  };
  const banner = (text) => (text ? h('div.sinks-banner', { role: 'note' }, h('span', { 'aria-hidden': 'true' }, '⚠ '), sinks.name(text, 'strong')) : null);
  const remembered = () => {
    try { return window.localStorage.getItem(LAST_NAME) || ''; } catch (error) { return ''; }
  };
  const remember = (name) => {
    try { window.localStorage.setItem(LAST_NAME, name); } catch (error) { /* told by the banner */ }
  };

  sinks.label = (id, planes) => {
    const facts = sinks.facts(id);
    const chips = facts.chips.map((each, i) => new sinks.ChipSet(each, sinks.takeText(planes[i]).split(' ')));
    sinks.page = new Labelling(facts, chips);
  };
}());
