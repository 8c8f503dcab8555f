/* The page around the map: header, banner, panels in tabs at the side, footer. Without a
   frame, as in a notebook, panels become controls in a corner of the map. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  class Frame {
    constructor(room, facts) {
      Object.assign(this, { room, facts });
      this.pages = new Map();
      this.tablist = h('div.sinks-tabs', { role: 'tablist', 'aria-label': word('panels'), onkeydown: (e) => this._arrow(e) });
      this.side = h('aside.sinks-side', { id: 'sinks-side', 'aria-label': word('panels') }, this.tablist);
      this.stage = h('div.sinks-stage', null, room.map.getContainer());
      facts.tabs.forEach((tab) => this._tab(tab));
      document.body.classList.add('sinks-page');
      document.body.append(h('div.sinks-frame', null, this._header(), banner(facts.banner),
        h('main.sinks-main', null, this.side, this.stage), footer(facts.footer)));
      sinks.say(document.querySelector('title') || document.head.appendChild(h('title')), facts.title);
      this._map();
      this.select(facts.tabs[0].key);
    }

    _header() {
      const button = (name, onclick, given) => h('button.sinks-button', { type: 'button', said: word(name), onclick, ...given });
      const panel = button('panel', () => this._fold(panel), { 'aria-expanded': 'true', 'aria-controls': 'sinks-side' });
      const dark = button('dark', () => this._dark(dark), { 'aria-pressed': 'false' });
      return h('header.sinks-header', null,
        h('h1', null, sinks.name(this.facts.title)),
        h('span.sinks-subtitle', null, sinks.name(this.facts.subtitle)),
        h('span.sinks-buttons', null, panel, dark, button('print', () => this.print()),
          button('other_language', () => sinks.speak(sinks.language === 'zh' ? 'en' : 'zh'), { 'aria-label': word('change_language') })));
    }
    _fold(button) {
      this.side.hidden = !this.side.hidden;
      button.setAttribute('aria-expanded', !this.side.hidden);
      this.room.map.invalidateSize();
    }
    _dark(button) {
      const dark = document.documentElement.getAttribute('data-theme') !== 'dark';
      document.documentElement.setAttribute('data-theme', dark ? 'dark' : 'light');
      button.setAttribute('aria-pressed', dark);
    }

    _tab({ key, title }) {
      const id = `sinks-tab-${key}`;
      const tab = h('button.sinks-tab', {
        type: 'button', role: 'tab', id, 'aria-controls': `${id}-page`, said: title, onclick: () => this.select(key),
      });
      const page = h('div.sinks-tabpage', { role: 'tabpanel', id: `${id}-page`, 'aria-labelledby': id, tabindex: 0 });
      this.pages.set(key, { tab, page });
      this.tablist.append(tab);
      this.side.append(page);
    }
    select(key) {
      this.pages.forEach(({ tab, page }, each) => {
        const on = each === key;
        tab.setAttribute('aria-selected', on);
        tab.tabIndex = on ? 0 : -1;
        page.hidden = !on;
      });
    }
    _arrow(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const keys = Array.from(this.pages.keys());
      const now = keys.findIndex((key) => this.pages.get(key).tab === document.activeElement);
      const next = keys[(now + step + keys.length) % keys.length];
      this.select(next);
      this.pages.get(next).tab.focus();
    }

    _map() {
      const { map } = this.room;
      const container = map.getContainer();
      sinks.say(container, word('map'), 'aria-label');
      container.setAttribute('role', 'region');
      [['in', 'zoom_in'], ['out', 'zoom_out']].forEach(([which, key]) => {
        const button = container.querySelector(`.leaflet-control-zoom-${which}`);
        if (!button) return;
        sinks.say(button, word(key), 'title');
        sinks.say(button, word(key), 'aria-label');
      });
      L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
      const Home = L.Control.extend({
        onAdd: () => h('div.leaflet-bar', null, h('a.sinks-home', {
          href: '#', role: 'button', title: word('home'), 'aria-label': word('home'),
          onclick: (event) => { event.preventDefault(); event.stopPropagation(); this.home(); },
        }, sinks.icon('home'))),
      });
      new Home({ position: 'topleft' }).addTo(map);
      map.invalidateSize({ animate: false });
      this.home();
      new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(this.stage);
    }
    home() {
      const [west, south, east, north] = this.facts.bounds_deg;
      this._fit([[south, west], [north, east]], 16);
    }
    /** Show a rectangle as large as it fits: between two zoom steps if need be. */
    _fit(bounds, padding) {
      const { map } = this.room;
      const snap = map.options.zoomSnap;
      map.options.zoomSnap = 0;
      map.fitBounds(bounds, { padding: [padding, padding], animate: false });
      map.options.zoomSnap = snap;
    }

    /** Lay the page out for A4 first, let every layer paint, then hand it to the printer. */
    async print() {
      const { map } = this.room;
      const bounds = map.getBounds();
      document.body.classList.add('sinks-print');
      map.invalidateSize({ animate: false });
      this._fit(bounds, 0);
      await sinks.settled(map);
      window.print();
      document.body.classList.remove('sinks-print');
      map.invalidateSize({ animate: false });
      this._fit(bounds, 0);
    }
  }

  const banner = (text) => (text ? h('div.sinks-banner', { role: 'note' }, h('span', { 'aria-hidden': 'true' }, '⚠ '), sinks.name(text, 'strong')) : null);
  const footer = (items) => h('footer.sinks-footer', null, ...items.map((text) => {
    const long = text.zh.length > 60;
    return h(long ? 'span.sinks-long' : 'span', { said: text, title: long ? text : null });
  }));

  /** Resolves when every layer on the map has been painted for the present view. */
  sinks.settled = async (map) => {
    const { bases, overlays } = sinks.of(map);
    const shown = () => bases.concat(overlays).filter((layer) => map.hasLayer(layer));
    await Promise.all(shown().map((layer) => layer.busy));
    await sinks.breath();
    await Promise.all(shown().map((layer) => layer.busy));
  };

  /** Put a panel into its tab of the frame, or into a corner of the map. */
  sinks.dock = (room, { tab, position }, node) => {
    if (room.frame && tab) {
      room.frame.pages.get(tab).page.append(node);
      return;
    }
    const Corner = L.Control.extend({
      onAdd() {
        const box = h('div.sinks-corner', null, node);
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        return box;
      },
    });
    new Corner({ position: position || 'topright' }).addTo(room.map);
  };

  sinks.frame = (map, id) => {
    const room = sinks.of(map);
    return (room.frame = new Frame(room, sinks.facts(`${id}_facts`)));
  };
}());
