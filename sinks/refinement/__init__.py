"""Rules after classification: mapping unit, official polygons, parcels that disagree."""
