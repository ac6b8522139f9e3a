# Lists.
lib:
let
  inherit (builtins) attrNames elem elemAt filter foldl' genList head length tail;

  at = list: index: elemAt list index;

  # How many elements two lists share at their beginning.
  sharedPrefix =
    a: b:
    let
      limit = lib.min (length a) (length b);
      differs = index: elemAt a index != elemAt b index;
    in
    findFirstIndex differs limit (genList (index: index) limit);

  findFirstIndex =
    wanted: default: list:
    let
      # Negative until found: -1 - (index of the element that comes next).
      found = foldl' (
        acc: value:
        if acc >= 0 then
          acc
        else if wanted value then
          -1 - acc
        else
          acc - 1
      ) (-1) list;
    in
    if found < 0 then default else found;
in
rec {
  inherit (builtins)
    all any concatLists concatMap elem elemAt filter genList head isList length map sort tail
    ;
  inherit findFirstIndex;

  singleton = value: [ value ];
  forEach = list: f: map f list;

  foldr =
    f: start: list:
    let
      from = index: if index == length list then start else f (elemAt list index) (from (index + 1));
    in
    from 0;
  fold = foldr;
  foldl =
    f: start: list:
    let
      upTo = index: if index < 0 then start else f (upTo (index - 1)) (elemAt list index);
    in
    upTo (length list - 1);
  foldl' = f: start: list: builtins.seq start (builtins.foldl' f start list);

  imap0 = f: list: genList (index: f index (elemAt list index)) (length list);
  imap1 = f: list: genList (index: f (index + 1) (elemAt list index)) (length list);
  ifilter0 =
    keep: list:
    map (at list) (filter (index: keep index (elemAt list index)) (genList (index: index) (length list)));

  flatten = value: if builtins.isList value then builtins.concatMap flatten value else [ value ];
  remove = unwanted: filter (value: value != unwanted);

  findSingle =
    wanted: none: several: list:
    let
      found = filter wanted list;
    in
    if found == [ ] then
      none
    else if length found == 1 then
      head found
    else
      several;
  findFirst =
    wanted: default: list:
    let
      index = findFirstIndex wanted null list;
    in
    if index == null then default else elemAt list index;

  count = wanted: foldl' (total: value: if wanted value then total + 1 else total) 0;
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  toList = value: if builtins.isList value then value else [ value ];
  range = first: last: if last < first then [ ] else genList (index: first + index) (last - first + 1);
  replicate = count: value: genList (_: value) count;
  partition = builtins.partition;

  groupBy = builtins.groupBy or (groupBy' (values: value: values ++ [ value ]) [ ]);
  groupBy' =
    f: start: key: list:
    builtins.mapAttrs (_: builtins.foldl' f start) (builtins.groupBy key list);

  zipListsWith =
    f: left: right:
    genList (index: f (elemAt left index) (elemAt right index)) (lib.min (length left) (length right));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });

  reverseList =
    list:
    let
      size = length list;
    in
    genList (index: elemAt list (size - index - 1)) size;

  # Walks from the first element to one that nothing comes before. `before a b`: a precedes b.
  listDfs =
    stopOnCycles: before: list:
    let
      walk =
        current: visited: rest:
        let
          predecessors = filter (other: before other current) visited;
          split = builtins.partition (other: before other current) rest;
        in
        if stopOnCycles && predecessors != [ ] then
          {
            cycle = current;
            loops = predecessors;
            inherit visited rest;
          }
        else if split.right == [ ] then
          {
            minimal = current;
            inherit visited rest;
          }
        else
          walk (head split.right) ([ current ] ++ visited) (tail split.right ++ split.wrong);
    in
    walk (head list) [ ] (tail list);

  toposort =
    before: list:
    let
      first = listDfs true before list;
      others = toposort before (first.visited ++ first.rest);
    in
    if length list < 2 then
      { result = list; }
    else if first ? cycle then
      {
        cycle = reverseList ([ first.cycle ] ++ first.visited);
        inherit (first) loops;
      }
    else if others ? cycle then
      others
    else
      { result = [ first.minimal ] ++ others.result; };

  sortOn =
    key: list:
    map (one: one.value) (
      builtins.sort (a: b: a.key < b.key) (map (value: { inherit value; key = key value; }) list)
    );

  compareLists =
    compare: left: right:
    if left == [ ] then
      (if right == [ ] then 0 else -1)
    else if right == [ ] then
      1
    else
      let
        here = compare (head left) (head right);
      in
      if here != 0 then here else compareLists compare (tail left) (tail right);

  # Numbers inside the strings compare as numbers.
  naturalSort =
    list:
    let
      key = text: map (part: if builtins.isList part then lib.toIntBase10 (head part) else part) (builtins.split "([0-9]+)" text);
      keyed = map (text: { inherit text; key = key text; }) list;
    in
    map (one: one.text) (builtins.sort (a: b: compareLists lib.compare a.key b.key < 0) keyed);

  take = count: sublist 0 count;
  takeEnd = count: list: drop (lib.max 0 (length list - count)) list;
  drop = count: list: sublist count (length list) list;
  dropEnd = count: list: take (lib.max 0 (length list - count)) list;
  sublist =
    start: count: list:
    let
      size = length list;
      taken =
        if start >= size then
          0
        else if start + count > size then
          size - start
        else
          count;
    in
    genList (index: elemAt list (start + index)) taken;

  hasPrefix = prefix: list: take (length prefix) list == prefix;
  removePrefix =
    prefix: list:
    if hasPrefix prefix list then drop (length prefix) list else throw "lib.lists.removePrefix: the first list is no prefix of the second";
  commonPrefix = left: right: take (sharedPrefix left right) left;

  last =
    list:
    assert lib.assertMsg (list != [ ]) "lists.last: list must not be empty!";
    elemAt list (length list - 1);
  init =
    list:
    assert lib.assertMsg (list != [ ]) "lists.init: list must not be empty!";
    take (length list - 1) list;

  crossLists = f: builtins.foldl' (functions: list: builtins.concatMap (g: map g list) functions) [ f ];

  unique = builtins.foldl' (kept: value: if elem value kept then kept else kept ++ [ value ]) [ ];
  uniqueStrings =
    list: attrNames (builtins.listToAttrs (map (name: { inherit name; value = null; }) list));
  allUnique = list: length (unique list) == length list;

  intersectLists = wanted: filter (value: elem value wanted);
  subtractLists = unwanted: filter (value: !(elem value unwanted));
  mutuallyExclusive = left: right: !(builtins.any (value: elem value left) right);
  concatAttrValues = set: builtins.concatLists (builtins.attrValues set);

  replaceElemAt =
    list: position: value:
    if position < 0 || position >= length list then
      throw "lib.lists.replaceElemAt: no element ${toString position} in a list of ${toString (length list)}"
    else
      genList (index: if index == position then value else elemAt list index) (length list);
}
