" What a user does in Vim with ALE, and what comes of it, as JSON in $NIXLINT_RESULT.
" `vim -es -N -u NONE -i NONE --cmd 'set rtp+=ALE' -S ale.vim host.nix`.
let s:result = {}

function! s:Wait(what, condition) abort
  let l:end = reltime()
  while !eval(a:condition)
    if reltimefloat(reltime(l:end)) > 30
      throw 'waited in vain for ' . a:what . '; findings: ' . string(s:Findings())
    endif
    sleep 50m
  endwhile
endfunction

function! s:Findings() abort
  let l:found = map(copy(getloclist(0)), 'printf("%d:%d %s", v:val.lnum, v:val.col, s:Rule(v:val))')
  return sort(l:found)
endfunction

function! s:Rule(item) abort
  let l:code = matchstr(a:item.text, '\[\zs[a-z-]\+\ze\]')
  return l:code
endfunction

function! s:Count() abort
  return len(getloclist(0))
endfunction

function! s:Change(first, last, lines) abort
  call deletebufline('%', a:first, a:last)
  call append(a:first - 1, a:lines)
  call ale#Queue(0)
endfunction

let s:answer = v:null
let s:answered = 0

function! s:Request(message) abort
  let s:answered = 0
  let l:linter = {'name': 'nixlint'}
  let l:id = s:Connection()
  call ale#lsp#RegisterCallback(l:id, function('s:Answer'))
  let s:request = ale#lsp#Send(l:id, a:message)
  call s:Wait(a:message[1], 's:answered')
  return s:answer
endfunction

function! s:Connection() abort
  return s:connection
endfunction

function! s:Answer(connection, response) abort
  if get(a:response, 'id', -1) == s:request
    let s:answer = get(a:response, 'result', v:null)
    let s:answered = 1
  endif
endfunction

function! s:OnReady(linter, details) abort
  let s:connection = a:details.connection_id
endfunction

function! s:Main() abort
  filetype plugin on
  set hidden
  let g:ale_linters_explicit = 1
  let g:ale_echo_msg_format = '%s [%code%]'
  let g:ale_loclist_msg_format = '%s [%code%]'
  let g:ale_lint_delay = 50
  let g:ale_set_loclist = 1
  let g:ale_history_enabled = 1
  runtime plugin/ale.vim
  source $NIXLINT_SETTINGS
  edit host.nix
  setlocal filetype=nix
  ALELint
  call s:Wait('diagnostics', 's:Count() == 1')
  let s:result.diagnostics = s:Findings()
  let l:linters = ale#linter#Get('nix')
  call ale#lsp_linter#StartLSP(bufnr(''), l:linters[0], function('s:OnReady'))

  call append(7, '  services.greeter.port = prot;')
  call ale#Queue(0)
  call s:Wait('the new finding', 's:Count() == 2')
  let s:result.edited = s:Findings()
  call s:Change(8, 8, ['  services.greeter.port = 80;'])
  call s:Wait('the finding to go', 's:Count() == 1')

  let l:end = reltime()
  while 1
    let l:hover = s:Request(ale#lsp#message#Hover(bufnr(''), 8, 22))
    if type(l:hover) is v:t_dict && l:hover.contents.value =~# '16 bit unsigned integer'
      break
    endif
    if reltimefloat(reltime(l:end)) > 30
      throw 'waited in vain for hover: ' . string(l:hover)
    endif
    sleep 100m
  endwhile
  let s:result.hover = l:hover.contents.value

  call append(8, '  services.greeter.')
  call ale#lsp#NotifyForChanges(s:connection, bufnr(''))
  let l:answer = s:Request(ale#lsp#message#Completion(bufnr(''), 9, 20, ''))
  let l:items = type(l:answer) is v:t_dict ? l:answer.items : l:answer
  let s:result.completion = sort(map(copy(l:items), 'v:val.label'))
  call deletebufline('%', 9)
  call ale#Queue(0)
  call ale#lsp#NotifyForChanges(s:connection, bufnr(''))

  let l:line = getline(3)
  let l:column = stridx(l:line, 'unused') + 1
  let l:actions = s:Request(ale#lsp#message#CodeAction(bufnr(''), 3, l:column, 3, l:column, []))
  for l:action in l:actions
    if get(l:action, 'isPreferred', v:false)
      let l:edit = has_key(l:action, 'edit') ? l:action.edit
      \ : s:Request([0, 'codeAction/resolve', l:action]).edit
      call ale#code_action#HandleCodeAction(
      \ {'description': 'fix', 'changes': ale#code_action#GetChanges(l:edit)->ale#code_action#BuildChangesList()},
      \ {'should_save': 0})
      break
    endif
  endfor
  call ale#Queue(0)
  call s:Wait('the fix', 's:Count() == 0')
  let s:result.fixed = join(getline(1, '$'), "\n")

  let l:place = s:Request(ale#lsp#message#Definition(bufnr(''), 6, 22))
  let l:place = type(l:place) is v:t_list ? l:place[0] : l:place
  let l:range = get(l:place, 'targetSelectionRange', get(l:place, 'range', {}))
  let l:uri = get(l:place, 'targetUri', get(l:place, 'uri', ''))
  let s:result.definition = fnamemodify(l:uri, ':t') . ':' . (l:range.start.line + 1)

  let l:edit = s:Request(ale#lsp#message#Rename(bufnr(''), 7, 22, 'greeting'))
  call ale#code_action#HandleCodeAction(
  \ {'description': 'rename', 'changes': ale#code_action#BuildChangesList(ale#code_action#GetChanges(l:edit))},
  \ {'should_save': 1})
  let s:result.renamed = {
  \ 'host.nix': join(getbufline(bufnr('host.nix'), 1, '$'), "\n"),
  \ 'modules/greeter.nix': join(readfile('modules/greeter.nix'), "\n"),
  \}
endfunction

try
  call s:Main()
catch
  let s:result.error = v:exception . ' at ' . v:throwpoint
endtry
call writefile([json_encode(s:result)], $NIXLINT_RESULT)
execute has_key(s:result, 'error') ? 'cquit' : 'qall!'
