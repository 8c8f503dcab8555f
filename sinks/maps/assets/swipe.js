/* Two layers side by side under a bar that slides: by mouse, by finger, by arrow keys.
   The bar lives in a pane below popups, so it never covers what they say. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const KEYS = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: 0.1, PageUp: -0.1 };

  class Swipe {
    constructor(room) {
      this.room = room;
      this.share = 0.5;
      this.names = [sinks.h('bdi.sinks-tag.sinks-tag-left'), sinks.h('bdi.sinks-tag')];
      this.tags = this.names.map((name) => sinks.h('div.sinks-tag-place', null, name));
      this.bar = sinks.h('div.sinks-bar', {
        tabindex: 0, role: 'slider', 'aria-label': sinks.word('swipe_bar'),
        'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-orientation': 'horizontal',
        onkeydown: (event) => this._key(event),
      }, sinks.h('span.sinks-grip', null, sinks.icon('grip')));
      L.DomEvent.disableClickPropagation(this.bar);
      this.bar.addEventListener('pointerdown', (event) => this._grab(event));
      this._follow = () => this.update();
    }

    show() {
      this.room.map.getPane('sinksSwipe').append(this.bar, ...this.tags);
      this.room.map.on('move zoom viewreset resize', this._follow);
      this.update();
    }
    hide() {
      this.room.map.off('move zoom viewreset resize', this._follow);
      [this.bar, ...this.tags].forEach((node) => node.remove());
      ['sinksBase', 'sinksLeft'].forEach((name) => { this.room.map.getPane(name).style.clip = ''; });
    }

    update() {
      const { map, base, left } = this.room;
      if (!base || !left) return;
      const size = map.getSize();
      const near = map.containerPointToLayerPoint([0, 0]);
      const far = map.containerPointToLayerPoint(size);
      const x = Math.round(near.x + size.x * this.share);
      const clip = (a, b) => `rect(${near.y}px, ${b}px, ${far.y}px, ${a}px)`;
      map.getPane('sinksLeft').style.clip = clip(near.x, x);
      map.getPane('sinksBase').style.clip = clip(x, far.x);
      L.DomUtil.setPosition(this.bar, L.point(x, near.y));
      this.bar.style.height = `${size.y}px`;
      this.bar.setAttribute('aria-valuenow', Math.round(this.share * 100));
      sinks.say(this.names[0], left.facts.name);
      sinks.say(this.names[1], base.facts.name);
      this.tags.forEach((tag) => L.DomUtil.setPosition(tag, L.point(x, near.y + 12)));
    }

    _move(share) {
      this.share = Math.max(0, Math.min(1, share));
      this.update();
    }
    _key(event) {
      if (event.key === 'Home' || event.key === 'End') this._move(event.key === 'End' ? 1 : 0);
      else if (KEYS[event.key]) this._move(this.share + KEYS[event.key]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
    _grab(event) {
      const { map } = this.room;
      const box = map.getContainer().getBoundingClientRect();
      const drag = (e) => this._move((e.clientX - box.left) / box.width);
      const drop = () => {
        this.bar.removeEventListener('pointermove', drag);
        map.dragging.enable();
      };
      map.dragging.disable();
      this.bar.setPointerCapture(event.pointerId);
      this.bar.addEventListener('pointermove', drag);
      this.bar.addEventListener('pointerup', drop, { once: true });
      this.bar.addEventListener('pointercancel', drop, { once: true });
      event.preventDefault();
      this.bar.focus();
    }
  }
  sinks.Swipe = Swipe;
}());
