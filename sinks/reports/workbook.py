def write_workbook(results, path, *, language="zh"):
    path.write_bytes(b"x")
