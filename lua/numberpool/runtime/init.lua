--- Runtimes: how a request is sent, and how code waits. This is all that other layers know of them, and
-- spec/runtime/contract*_spec.lua hold every runtime to it. Nothing here checks its arguments.
--
-- A runtime's module
--
--   module.open(settings)
--       Returns a runtime for one client; or nil and a message that says what is missing. Connects to nothing.
--       Settings: origin, url { origin, scheme, host, port }, headers and body_headers (lists of "Name: value"; without
--       a value: not to be sent), connect_timeout (seconds), max_body (bytes), account (who shares a limit), ca_file,
--       proxy, proxy_credentials.
--   module.refused
--       The options of a client that it can't take, by name, each with a message that says what to do instead. Where
--       `proxy` isn't among them, the environment may name a proxy.
--
-- Anywhere
--
--   runtime.now()
--       Seconds on a clock that nobody sets.
--   runtime.random()
--       A number from 0 up to, not including, 1.
--   runtime.warn(text)
--       Says something that no result says: a line on stderr, or in the log of the server that this runs in.
--   runtime:store(account)
--       Returns the store of limits and claims that all who use the account share, as far as this runtime can: see
--       numberpool.limit.memory.
--   runtime:keep_connections(count)
--       Keeps at least so many connections while they are idle.
--   runtime:counters()
--       Returns bytes sent, bytes received and connections opened so far.
--   runtime:close()
--       Closes the connections. A request that is under way fails with kind `closed`, nobody sleeps on, and later
--       requests fail at once. May be called twice.
--
-- Requests, where the code can wait
--
--   runtime:check_wait()
--       To be called before `send`, which doesn't ask. Returns nothing; or a failure, where no connection can be made
--       in this place; or raises, where Lua can't wait in it. Nothing was sent then.
--   runtime:send(method, path, body, deadline, is_fresh, is_large)
--       One HTTP exchange. `path` has the query, `body` is nil for none, `deadline` is on the clock of `now`,
--       `is_fresh` asks for a connection that no other request was sent on, `is_large` for a compressed answer, where
--       the runtime can. Sends nothing twice, and raises nothing.
--       Returns status, body, content_type, retry_after (seconds), location (of a redirect), is_reused;
--       or nil and a failure { kind, message, sent, status, is_reused }, whose kind is one of
--           network    no connection could be made, or it was lost
--           timeout    the deadline or connect_timeout is over
--           tls        the server speaks no TLS, or nobody vouches for its certificate
--           protocol   what came is no answer, or is larger than max_body
--           closed     the runtime was closed, before or meanwhile
--           config     the runtime has to be set up in another way
--       `sent` is false where the server can have nothing of the request; `status` is there once it was read;
--       `is_reused` says that another request was sent on the connection before.
--   runtime:discard()
--       Right after `send`: nothing more is sent on its answer's connection, unless that tells answers apart.
--   runtime:sleep(seconds)
--       Waits so long, or until the runtime is closed.
--
-- Tasks, which are functions that take turns
--
--   runtime:current()
--       The place that this runs in, never nil: the task, or one that stands for what is outside of tasks, as
--       `place.is_task` tells. In a coroutine of the task's own it is the task, or one that stands for that coroutine.
--       It stays the same as long as the code there hasn't ended. Nobody writes fields on a place: who has to remember
--       something about one keeps a table with weak keys.
--   runtime:spawn(fn, argument, on_error)
--       Returns a task, which is a place. It runs fn(argument) once the caller waits, after what was spawned before.
--       What fn raises goes to on_error(argument, raised).
--   runtime:kill(task)
--       True: the task has ended, now or before, and does nothing any more. A request of it is given up, and on_error
--       isn't called. False: it is the one that runs, by itself or in a coroutine of its own, and it goes on.
--   runtime:signal()
--       Returns an object for one that waits: signal:wait() returns once signal:set() was called. Calls that come
--       before a wait count as one.
--   runtime:shelter(undo, fn, first, second)
--       Returns what fn(first, second) does. Where an error comes in the middle of it, as Ctrl-C does, it calls
--       undo(raised, first, second) and raises the error again; or what undo raises. Outside of tasks Ctrl-C is raised
--       within fn where the runtime waits, or at its end, and nowhere else; a second one at once. In a task it only
--       calls fn, since whoever spawned the task hears of its errors.
--
-- @module numberpool.runtime

local host = require "numberpool.runtime.host"

local runtimes = {}

local MODULES = { curl = "numberpool.runtime.curl", nginx = "numberpool.runtime.nginx" }

--- The module of a runtime, which is loaded now.
---@param name string? nil: the runtime for where the code runs
---@return table? module nil where there is none of this name here
---@return string? expected the names that there are
function runtimes.find(name)
  local is_nginx = host.is_nginx()
  name = name or (is_nginx and "nginx" or "curl")
  if name == "curl" or name == "nginx" and is_nginx then
    return require(MODULES[name])
  end
  return nil, is_nginx and "curl or nginx" or "curl, or, inside nginx, nginx"
end

return runtimes
