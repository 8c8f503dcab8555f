/* The page of the projects: a card for each with what the ledger states and the maps show, and
   beside it a chip of every image with the project's boundary; sorted and viewed as asked. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const WIDTH = 300; // of a chip on the screen
  const JUDGED = ['unseen', 'too_small', 'no_map', 'not_due', 'seen']; // what to look at first
  const KINDS = ['restoration', 'planting'];
  const MARKS = { seen: '✓ ', unseen: '! ' };
  const rank = (keys, entry) => (entry ? keys.indexOf(entry.key) : keys.length);
  const SORTS = {
    year: (p) => (p.year === null ? Infinity : p.year),
    kind: (p) => rank(KINDS, p.kind),
    judged: (p) => rank(JUDGED, p.judged),
  };

  /** A chip whose outline is the boundary of the project instead of a pixel. */
  class ProjectChip extends sinks.ChipSet {
    _ring() { /* a project needs no circle to be found by */ }
    _outline(context, corners, middle, zoom, ratio) {
      [['#000000', 3.6], ['#ffe100', 1.8]].forEach(([colour, width]) => {
        Object.assign(context, { strokeStyle: colour, lineWidth: width * ratio, lineJoin: 'round' });
        context.beginPath();
        this.facts.rings.forEach((ring) => {
          for (let i = 0; i < ring.length; i += 2) context[i ? 'lineTo' : 'moveTo'](ring[i] * zoom, ring[i + 1] * zoom);
          context.closePath();
        });
        context.stroke();
      });
    }
  }

  class Projects {
    constructor(facts, texts) {
      Object.assign(this, { facts, chips: [] });
      this.cards = facts.projects.map((project, n) => ({
        project, node: this._card(project, texts.map((each) => each[n])),
      }));
      this.list = h('main.prj-list', null, h('p.sinks-note', { said: word('note_outline') }));
      document.body.classList.add('sinks-page');
      document.body.append(h('div.sinks-frame.prj', null, this._header(), banner(facts.banner), this._bar(), this.list,
        h('footer.sinks-footer', null, h('span.sinks-long', { said: word('note_check'), title: word('note_check') }),
          h('span', { said: word('internal') }))));
      sinks.say(document.querySelector('title'), facts.title);
      this.sort('year');
      this.view('natural');
    }

    _header() {
      const shown = this.facts.projects.filter((p) => p.chips.some(Boolean)).length;
      return h('header.sinks-header', null, h('h1', null, sinks.name(this.facts.title)),
        h('span.sinks-subtitle', { said: word('count', { count: this.facts.projects.length, shown }) }),
        h('span.sinks-buttons', null, h('button.sinks-button', {
          type: 'button', said: word('other_language'), 'aria-label': word('change_language'),
          onclick: () => sinks.speak(sinks.language === 'zh' ? 'en' : 'zh'),
        })));
    }
    _bar() {
      this.sorts = choice('sort_by', Object.keys(SORTS), (key) => `sort_${key}`, (key) => this.sort(key));
      this.views = choice('view', ['natural', 'false'], (key) => key, (key) => this.view(key));
      this.views.node.hidden = !this.chips.some((chip) => chip.facts.views.false);
      return h('div.prj-bar', null, this.sorts.node, this.views.node);
    }
    sort(key) {
      this.sorts.mark(key);
      const by = SORTS[key];
      const sorted = this.cards.slice().sort((a, b) => {
        const [x, y] = [by(a.project), by(b.project)];
        return x === y ? 0 : x - y;
      });
      this.list.append(...sorted.map((card) => card.node));
    }
    view(key) {
      this.views.mark(key);
      this.busy = Promise.all(this.chips.map((chip) => chip.show(0, key, WIDTH)));
    }

    /* ---- a project ---- */
    _card(p, texts) {
      return h('article.prj-project', null, h('div.prj-text', null,
        h('h2', null, sinks.name(p.name)), stated(p), ...this._seen(p)), this._images(p, texts));
    }
    _seen(p) {
      if (!p.judged) return [];
      const judged = h('p.prj-judged', { 'data-judged': p.judged.key },
        h('span', { 'aria-hidden': 'true' }, MARKS[p.judged.key] || '– '), sinks.name(p.judged.name));
      if (p.shares.some((share) => share === null)) return [judged];
      const [was, is, became] = p.shares.map((share) => sinks.amount(share, 1, '%'));
      const [first, last] = this.facts.years;
      const told = { first, last, was, is, became, before: p.before, after: p.after };
      return [judged, h('p.prj-shares', { said: word('maps_show', told) })];
    }
    _images(p, texts) {
      if (!p.chips.some(Boolean)) return h('p.prj-none', { said: word('no_image') });
      const apart = p.chips.some((chip) => chip && !chip.comparable);
      return h('div.prj-images', null, ...p.chips.map((facts, i) => this._figure(facts, this.facts.images[i], texts[i])),
        apart ? h('p.sinks-note', { said: word('incomparable') }) : null);
    }
    _figure(facts, label, text) {
      const name = sinks.name(label, 'strong');
      if (!facts) {
        return h('figure.prj-figure', null, h('figcaption', null, name),
          h('div.lab-chip', { style: { width: `${WIDTH}px`, height: `${WIDTH}px` } }, h('p.lab-missing', { said: word('no_image_here') })));
      }
      const chip = new ProjectChip(facts, [text]);
      this.chips.push(chip);
      sinks.say(chip.canvas, label, 'aria-label');
      const metres = sinks.number(facts.size * facts.metres_per_px, 0);
      return h('figure.prj-figure', null,
        h('figcaption', null, name, h('span', { said: word('width', { metres }) })), chip.node);
    }
  }

  /** What the ledger states, as pairs of a heading and a text. */
  const stated = (p) => {
    const rows = {
      kind: word('type_kind', { type: p.type, kind: p.kind.name }),
      classes: word('change', { before: p.before, after: p.after }),
      year: p.year === null ? '—' : p.year,
      status: p.status,
      accepted_on: p.accepted_on || '—',
      area: sinks.amount(p.area_ha, 2, word('ha')),
    };
    return h('dl.prj-facts', null, ...Object.entries(rows).flatMap(([key, text]) =>
      [h('dt', { said: word(key) }), h('dd', { 'data-fact': key }, sinks.name(text))]));
  };

  /** Buttons of which one is on. */
  const choice = (title, keys, name, pick) => {
    const buttons = keys.map((key) => h('button.sinks-button', {
      type: 'button', said: word(name(key)), 'data-key': key, onclick: () => pick(key),
    }));
    return {
      node: h('div.prj-choice', { role: 'group', 'aria-label': word(title) }, h('span', { said: word(title) }), ...buttons),
      mark: (key) => buttons.forEach((button, i) => button.setAttribute('aria-pressed', keys[i] === key)),
    };
  };

  const banner = (text) => (text ? h('div.sinks-banner', { role: 'note' }, h('span', { 'aria-hidden': 'true' }, '⚠ '), sinks.name(text, 'strong')) : null);

  sinks.projects = (id, planes) => {
    const texts = planes.map((each) => sinks.takeText(each).split(' '));
    return (sinks.page = new Projects(sinks.facts(id), texts));
  };
}());
