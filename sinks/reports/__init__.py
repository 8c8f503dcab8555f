"""Files that leave the building: tables, workbook, GeoPackage, rasters."""
