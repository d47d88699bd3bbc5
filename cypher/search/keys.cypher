// Which of some keys there are, and how many each finds. Parameters: keys. Columns: key, count.
MATCH (k:SearchKey)
WHERE k.key IN $keys AND k.many > 0
RETURN collect([k.key, k.many])
