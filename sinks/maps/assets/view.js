/* A layer that is one canvas as large as the view: no tiles, so no seams at any zoom, and
   every device pixel is computed for where it is. Painting happens on a fresh canvas that
   takes the place of the old one when it is done; until then the old one moves with the map. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const RADIUS = 6378137;
  const WORLD = 2 * Math.PI * RADIUS; // metres of Web Mercator around the earth
  const MARGIN = 0.15; // of the view, painted beyond each edge

  sinks.mercator = (latlng) => {
    const sine = Math.sin(latlng.lat * Math.PI / 180);
    return [RADIUS * latlng.lng * Math.PI / 180, RADIUS * Math.log((1 + sine) / (1 - sine)) / 2];
  };
  sinks.latlng = (x, y) => L.latLng(
    (2 * Math.atan(Math.exp(y / RADIUS)) - Math.PI / 2) * 180 / Math.PI, x / RADIUS * 180 / Math.PI);

  sinks.View = L.Layer.extend({
    options: { pane: 'overlayPane', className: '', order: 0 },

    onAdd() {
      this._shown = null;
      this._turn = 0;
      this.refresh();
    },
    onRemove() {
      this._turn += 1; // whatever is being painted comes too late
      if (this._shown) this._shown.canvas.remove();
      this._shown = null;
    },
    getEvents() {
      return {
        viewreset: this._place, zoom: this._place, zoomanim: this._zooming,
        moveend: this.refresh, resize: this.refresh, move: this._moving,
      };
    },

    /** Paint anew; resolves when what is seen is up to date. */
    refresh() {
      if (!this._map) return Promise.resolve();
      const turn = this._turn += 1;
      const view = this._view();
      const current = () => this._map && this._turn === turn;
      this.busy = Promise.resolve(this.paint(view, current)).then((done) => {
        if (done === false || !current()) return;
        if (this._shown) this._shown.canvas.remove();
        this._shown = view;
        this.getPane().appendChild(view.canvas);
        this._place();
      });
      return this.busy;
    },

    /** Canvas and its place: corner and step in metres of Web Mercator per device pixel. */
    _view() {
      const map = this._map;
      const size = map.getSize();
      const scale = Math.min(window.devicePixelRatio || 1, 2);
      const pad = size.multiplyBy(MARGIN).round();
      const corner = map.containerPointToLayerPoint([0, 0]).subtract(pad).round();
      const css = size.add(pad.multiplyBy(2));
      const canvas = document.createElement('canvas');
      canvas.className = `sinks-view leaflet-zoom-animated ${this.options.className}`;
      canvas.width = Math.max(1, Math.round(css.x * scale));
      canvas.height = Math.max(1, Math.round(css.y * scale));
      canvas.style.zIndex = this.options.order;
      canvas.style.width = `${css.x}px`;
      canvas.style.height = `${css.y}px`;
      const zoom = map.getZoom();
      const world = 256 * 2 ** zoom;
      const origin = corner.add(map.getPixelOrigin());
      return {
        canvas, zoom, scale, width: canvas.width, height: canvas.height,
        left: (origin.x / world - 0.5) * WORLD, top: (0.5 - origin.y / world) * WORLD,
        step: WORLD / world / scale,
        corner: map.layerPointToLatLng(corner), far: map.layerPointToLatLng(corner.add(css)),
      };
    },
    _place() {
      if (!this._shown) return;
      const { canvas, corner, zoom } = this._shown;
      const scale = this._map.getZoomScale(this._map.getZoom(), zoom);
      L.DomUtil.setTransform(canvas, this._map.latLngToLayerPoint(corner), scale);
    },
    _zooming(event) {
      if (!this._shown) return;
      const { canvas, corner, zoom } = this._shown;
      const at = this._map._latLngToNewLayerPoint(corner, event.zoom, event.center);
      L.DomUtil.setTransform(canvas, at, this._map.getZoomScale(event.zoom, zoom));
    },
    /** While the map is dragged beyond the margin, keep painting. */
    _moving() {
      if (!this._shown || this._follows) return;
      const painted = L.latLngBounds(this._shown.corner, this._shown.far);
      if (painted.contains(this._map.getBounds())) return;
      this._follows = true;
      this.refresh().then(() => sinks.breath()).then(() => { this._follows = false; });
    },
  });
}());
