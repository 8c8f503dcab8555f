"""The interactive page: a folium map with layers of our own, written to open offline."""
