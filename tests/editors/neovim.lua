-- What a user does in Neovim with `host.nix` open, and what comes of it, as JSON in $NIXLINT_RESULT.
-- Runs in Neovim 0.7 and later: `nvim --headless --clean -n host.nix -c 'luafile neovim.lua'`.
local result = {}

local function write()
  local file = assert(io.open(os.getenv('NIXLINT_RESULT'), 'w'))
  file:write(vim.fn.json_encode(result))
  file:close()
end

local function wait_for(what, condition)
  if not vim.wait(30000, condition, 20) then
    error('waited in vain for ' .. what .. '; diagnostics: ' .. vim.inspect(vim.diagnostic.get(0)))
  end
end

local function findings()
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    -- Columns are bytes here.
    table.insert(found, string.format('%d:%d %s', each.lnum + 1, each.col + 1, each.code or each.user_data.lsp.code))
  end
  table.sort(found)
  return found
end

local function text_of(name)
  local buffer = vim.fn.bufadd(name)
  vim.fn.bufload(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), '\n')
end

local function main()
  dofile(os.getenv('NIXLINT_SETTINGS'))
  vim.cmd('set filetype=nix')
  local id = nixlint
  wait_for('the server', function() return vim.lsp.get_client_by_id(id) ~= nil end)
  local client = vim.lsp.get_client_by_id(id)
  local function request(method, params)
    local answer, err = vim.lsp.buf_request_sync(0, method, params, 30000)
    assert(answer and answer[id], method .. ': ' .. tostring(err))
    assert(not answer[id].error, method .. ': ' .. vim.inspect(answer[id].error))
    return answer[id].result
  end
  local function at(line, column)
    vim.api.nvim_win_set_cursor(0, { line, column - 1 })
    return vim.lsp.util.make_position_params(0, client.offset_encoding)
  end

  wait_for('diagnostics', function() return #vim.diagnostic.get(0) == 1 end)
  result.diagnostics = findings()

  -- Typing: a name that nobody binds.
  vim.api.nvim_buf_set_lines(0, 7, 7, true, { '  services.greeter.port = prot;' })
  wait_for('the new finding', function() return #vim.diagnostic.get(0) == 2 end)
  result.edited = findings()
  vim.api.nvim_buf_set_lines(0, 7, 8, true, { '  services.greeter.port = 80;' })
  wait_for('the finding to go', function() return #vim.diagnostic.get(0) == 1 end)

  -- The project has been looked at when its options are known.
  local hover
  wait_for('hover', function()
    hover = request('textDocument/hover', at(8, 22))
    return hover and vim.inspect(hover.contents):find('16 bit unsigned integer') ~= nil
  end)
  result.hover = hover.contents.value

  vim.api.nvim_buf_set_lines(0, 8, 8, true, { '  services.greeter.' })
  local labels = {}
  -- The cursor of normal mode cannot stand behind the last character, as it does when typing.
  local behind = at(9, 19)
  behind.position.character = 19
  local answer = request('textDocument/completion', behind)
  for _, item in ipairs(answer.items or answer) do
    table.insert(labels, item.label)
  end
  table.sort(labels)
  result.completion = labels
  vim.api.nvim_buf_set_lines(0, 8, 9, true, {})
  wait_for('whole text', function() return #vim.diagnostic.get(0) == 1 end)

  local position = at(3, 36).position
  local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  params.context = { diagnostics = {}, only = { 'quickfix' } }
  params.range = { start = position, ['end'] = position }
  for _, action in ipairs(request('textDocument/codeAction', params)) do
    if action.isPreferred then
      local edit = action.edit or request('codeAction/resolve', action).edit
      vim.lsp.util.apply_workspace_edit(edit, client.offset_encoding)
    end
  end
  wait_for('the fix', function() return #vim.diagnostic.get(0) == 0 end)
  result.fixed = text_of('host.nix')

  local target = request('textDocument/definition', at(6, 22))
  target = vim.tbl_islist(target) and target[1] or target
  local range = target.targetSelectionRange or target.range
  local uri = target.targetUri or target.uri
  result.definition = string.format('%s:%d', vim.uri_to_fname(uri):match('[^/]+$'), range.start.line + 1)

  local rename = at(7, 22)
  rename.newName = 'greeting'
  vim.lsp.util.apply_workspace_edit(request('textDocument/rename', rename), client.offset_encoding)
  result.renamed = { ['host.nix'] = text_of('host.nix'), ['modules/greeter.nix'] = text_of('modules/greeter.nix') }
end

local ok, message = xpcall(main, debug.traceback)
if not ok then
  result.error = message
end
write()
vim.cmd(ok and 'qall!' or 'cquit 1')
