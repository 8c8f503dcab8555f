/* The labels of one interpreter: kept in the browser at every key, undone, written to CSV
   and read back. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const COLUMNS = ['sample_hash', 'sample', 'label', 'label_name', 'label_after', 'label_after_name',
    'confidence', 'note', 'interpreter', 'time'];
  const BLANK = { label: '', label_after: '', confidence: 'high', note: '', skipped: false, time: '' };
  const FORMULA = /^[=+\-@']/;

  /** What can go wrong with a file that is imported: a word and what was found. */
  class Unfit extends Error {
    constructor(word, found) {
      super(word);
      Object.assign(this, { word, found });
    }
  }

  class Labels {
    constructor(facts, interpreter) {
      Object.assign(this, { facts, interpreter, records: new Map(), past: [], at: 0, changes: 0, kept: true });
      this.fields = ['label', 'label_after'].slice(0, facts.dates.length);
      this.known = new Set(facts.samples.map((s) => s.id));
      this.at = Math.min(Math.max(0, Number(this.load()) || 0), facts.samples.length - 1);
    }
    get slot() { return `sinks-labels:${this.facts.hash}:${this.interpreter}`; }

    of(id) { return this.records.get(id) || BLANK; }
    done(id) { return this.fields.every((field) => this.of(id)[field]); }
    get count() { return this.facts.samples.filter((s) => this.done(s.id)).length; }

    put(id, changes) {
      this.past.push([id, this.records.get(id)]);
      this._set(id, { ...this.of(id), ...changes, time: new Date().toISOString() });
    }
    /** Take the last step back; return the sample it was about, or nothing. */
    undo() {
      const last = this.past.pop();
      if (last) this._set(...last);
      return last && last[0];
    }
    _set(id, record) {
      if (record) this.records.set(id, record);
      else this.records.delete(id);
      this.changes += 1;
      this.keep();
    }

    keep() {
      if (!this.kept) return;
      try {
        const content = { at: this.at, changes: this.changes, records: Array.from(this.records) };
        window.localStorage.setItem(this.slot, JSON.stringify(content));
      } catch (error) {
        this.kept = false;
      }
    }
    /** Take what was kept and return its place; what cannot be read is left alone, and nothing
        is kept over it. */
    load() {
      try {
        const content = JSON.parse(window.localStorage.getItem(this.slot));
        if (!content) return 0;
        this.records = new Map(content.records.filter(([id]) => this.known.has(id)));
        Object.assign(this, { changes: content.changes, past: [] });
        return content.at;
      } catch (error) {
        this.kept = false;
        return 0;
      }
    }

    csv() {
      const rows = this.facts.samples.map(({ id }) => {
        const r = this.of(id);
        const touched = this.records.has(id);
        return [this.facts.hash, id, r.label, this._name(r.label), r.label_after, this._name(r.label_after),
          touched ? r.confidence : '', r.note, this.interpreter, r.time];
      });
      return `\ufeff${[COLUMNS, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
    }
    _name(key) {
      const found = this.facts.legend.find((c) => c.key === key);
      return found ? found.name.zh : '';
    }

    /** Take the labels of an earlier export where they are newer than ours; return how many. */
    read(text) {
      const [head, ...rows] = parsed(text);
      const wanted = ['sample_hash', 'sample', ...this.fields];
      const missing = wanted.filter((name) => !head || !head.includes(name));
      if (missing.length) throw new Unfit('import_form', missing[0]);
      const given = rows.map((row) => Object.fromEntries(head.map((name, i) => [name, plain(row[i] || '')])));
      given.forEach((row) => this._check(row));
      const newer = given.filter((row) => this._newer(row));
      newer.forEach((row) => this.records.set(Number(row.sample), { ...BLANK, ...taken(row) }));
      this.past = [];
      this.changes += newer.length;
      this.keep();
      return newer.length;
    }
    _check(row) {
      if (row.sample_hash !== this.facts.hash) throw new Unfit('import_hash', row.sample_hash);
      if (row.interpreter && row.interpreter !== this.interpreter) throw new Unfit('import_name', row.interpreter);
      if (!this.known.has(Number(row.sample))) throw new Unfit('import_sample', row.sample);
      const strange = this.fields.map((f) => row[f]).find((l) => l && !this.facts.legend.some((c) => c.key === l));
      if (strange) throw new Unfit('import_label', strange);
    }
    _newer(row) {
      const id = Number(row.sample);
      const says = this.fields.some((field) => row[field]) || row.note;
      return says && (!this.records.has(id) || Date.parse(row.time) > Date.parse(this.of(id).time));
    }
  }

  const taken = (row) => ({
    label: row.label, label_after: row.label_after || '', note: row.note || '', time: row.time || '',
    confidence: row.confidence === 'low' ? 'low' : 'high',
  });

  /* ---- CSV; a text that a spreadsheet would take for a formula gets an apostrophe ---- */
  const cell = (content) => {
    const text = sinks.oneLine(String(content));
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",;]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const plain = (text) => (FORMULA.test(text.slice(1)) && text[0] === "'" ? text.slice(1) : text);
  /** A text without line ends and other characters that have no shape. */
  sinks.oneLine = (text) => text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ').trim();

  const parsed = (text) => {
    const rows = [[]];
    const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;
    const body = text.replace(/^\ufeff/, '');
    while (pattern.lastIndex < body.length) {
      const found = pattern.exec(body);
      if (!found) throw new Unfit('import_form', 'sample_hash');
      rows[rows.length - 1].push(found[1] === undefined ? found[2] : found[1].replace(/""/g, '"'));
      if (found[3] !== ',') rows.push([]);
    }
    return rows.filter((row) => row.some((content) => content));
  };
  /** The text of a file: UTF-8, or GBK as Excel saves it. */
  sinks.textOf = (buffer) => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(buffer);
    } catch (error) {
      return new TextDecoder('gb18030').decode(buffer);
    }
  };

  Object.assign(sinks, { Labels, Unfit });
}());
