# Texts that need other texts before them.
lib:
let
  # Every name after what it needs, each once.
  closure =
    predefined: names:
    let
      visit =
        done: todo:
        if todo == [ ] then
          done
        else
          let
            name = builtins.head todo;
            entry = predefined.${name};
            rest = builtins.tail todo;
          in
          if done.seen ? ${name} then
            visit done rest
          else
            let
              inner = visit (done // { seen = done.seen // { ${name} = true; }; }) entry.deps;
            in
            visit (inner // { texts = inner.texts ++ [ entry.text ]; }) rest;
    in
    (visit { seen = { }; texts = [ ]; } names).texts;
in
rec {
  textClosureList = closure;
  textClosureMap = f: predefined: names: builtins.concatStringsSep "\n" (map f (closure predefined names));
  noDepEntry = text: { inherit text; deps = [ ]; };
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: { inherit deps; text = ""; };
  stringAfter = deps: text: { inherit text deps; };
}
