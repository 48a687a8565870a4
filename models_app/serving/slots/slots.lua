--[[ Whose turn it is at the model servers: all of it, in one atomic step.

A *ticket* is one reply that is wanted. It waits, or it runs at one *backend* (a model
server, by its number). A backend has *room* for so many replies at once. People take
turns: each rank (0 person, 1 API, 2 batch, 3 background) has a *rotation* of the persons
who wait in it, and each person a *queue* of their waiting tickets. turns.py does the same
in Python, and tests hold the two side by side.

What is kept, all under one prefix:

    ticket:<ticket>         hash: person, rank, owner, candidates, facts, stamp, since;
                            backend and turn while it runs; called: "yield", "stop:<by>"
    leases                  zset: ticket -> Unix time at which it is given up
    queue:<rank>:<person>   zset: ticket -> its stamp, the oldest first
    rotation:<rank>         zset: person -> stamp of when they joined or had a turn
    running:<backend>       set of tickets
    yielding                zset: running tickets of ranks that give way -> since when
    rooms                   hash: backend -> its room, as last told
    wanted                  hash: backend -> how many waiting tickets it could answer
    counted                 hash: person -> how many tickets of theirs are in, but for
                            background work
    lost                    hash: ticket -> JSON, its facts, to be written down by others
                            from the Unix time on that is `due`
    stamp                   the last stamp given: microseconds, never the same twice

Called with KEYS[1] the prefix, ARGV[1] what to do (see `acts`), ARGV[2] the Unix time
(tests; "" for the clock of Redis), ARGV[3] what it is done with, as JSON.
Numbers are kept as text: Lua would round a stamp when it writes it. ]]

local PREFIX = KEYS[1]
local LAST_RANK = 3 -- background work, which is no person's
local GIVES_WAY = 2 -- the first rank whose running tickets give way to people and API
local LEASE = 10 -- seconds

local call = redis.call
local news = {} -- tickets whose owner is to hear that they were given a place or called
local moved = false -- whether those who wait may stand elsewhere now

local function key(...) return PREFIX .. table.concat({...}, ':') end
local function whole(number) return string.format('%.0f', number) end

local LEASES, ROOMS, WANTED = key('leases'), key('rooms'), key('wanted')
local YIELDING, LOST, STAMP = key('yielding'), key('lost'), key('stamp')
local COUNTED = key('counted')

local function clock()
  if ARGV[2] ~= '' then return tonumber(ARGV[2]) end
  local time = call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local now = clock()
local NOW = string.format('%.6f', now)

-- The next stamp: the time, but always later than the last one.
local function next_stamp()
  local last = tonumber(call('GET', STAMP) or 0)
  local stamp = whole(math.max(last + 1, math.floor(now * 1000000)))
  call('SET', STAMP, stamp)
  return stamp
end

-- What is kept of a ticket ---------------------------------------------------------------

local FIELDS = {'person', 'rank', 'backend', 'stamp', 'since', 'candidates', 'turn', 'called'}

-- Everything but its facts, or nil where the ticket is not known.
local function load(ticket)
  local values = call('HMGET', key('ticket', ticket), unpack(FIELDS))
  if not values[1] then return nil end
  local found = {ticket = ticket}
  for i, field in ipairs(FIELDS) do found[field] = values[i] or nil end
  return found
end

local function candidates_of(ticket)
  return cjson.decode(call('HGET', key('ticket', ticket), 'candidates'))
end

-- How many a person has in ---------------------------------------------------------------

local function count(ticket, by)
  if tonumber(ticket.rank) == LAST_RANK then return end
  if call('HINCRBY', COUNTED, ticket.person, by) <= 0 then
    call('HDEL', COUNTED, ticket.person)
  end
end

local function has_enough(held)
  if held.most == '' or tonumber(held.rank) == LAST_RANK then return false end
  return tonumber(call('HGET', COUNTED, held.person) or 0) >= tonumber(held.most)
end

-- Room -----------------------------------------------------------------------------------

local function room(backend) return tonumber(call('HGET', ROOMS, backend) or 0) end
local function running(backend) return call('SCARD', key('running', backend)) end
local function has_room(backend) return running(backend) < room(backend) end

-- The last word on rooms counts; `only_new` leaves what was told before.
local function tell_rooms(candidates, only_new)
  for _, each in ipairs(candidates) do
    call(only_new and 'HSETNX' or 'HSET', ROOMS, each.backend, each.room)
  end
end

-- Of candidates with room: the lowest tier, then the fewest replies for its weight.
local function best(candidates)
  local chosen, tier, load_of
  for _, each in ipairs(candidates) do
    if has_room(each.backend) then
      local share = (running(each.backend) + 1) / math.max(1, each.weight)
      if not chosen or each.tier < tier or (each.tier == tier and share < load_of) then
        chosen, tier, load_of = each.backend, each.tier, share
      end
    end
  end
  return chosen
end

-- Waiting --------------------------------------------------------------------------------

local function rotation(rank) return key('rotation', rank) end
local function queue(rank, person) return key('queue', rank, person) end

local function want(candidates, by)
  for _, each in ipairs(candidates) do
    if call('HINCRBY', WANTED, each.backend, by) <= 0 then
      call('HDEL', WANTED, each.backend)
    end
  end
end

-- Wait; a person who is not in the rotation joins it where their ticket's stamp is.
local function wait(ticket)
  local t = load(ticket)
  call('ZADD', queue(t.rank, t.person), t.stamp, ticket)
  call('ZADD', rotation(t.rank), 'NX', t.stamp, t.person)
  want(cjson.decode(t.candidates), 1)
  moved = true
end

local function stop_waiting(t)
  call('ZREM', queue(t.rank, t.person), t.ticket)
  if call('EXISTS', queue(t.rank, t.person)) == 0 then
    call('ZREM', rotation(t.rank), t.person)
  end
  want(cjson.decode(t.candidates), -1)
  moved = true
end

-- All that wait in those ranks, in order: `visit(ticket, person, rank)`, until it returns
-- something.
local function in_order(first_rank, last_rank, visit)
  for rank = first_rank, last_rank do
    for _, person in ipairs(call('ZRANGE', rotation(rank), 0, -1)) do
      for _, ticket in ipairs(call('ZRANGE', queue(rank, person), 0, -1)) do
        local found = visit(ticket, person, rank)
        if found then return found end
      end
    end
  end
end

-- Whether anybody else of that rank waits for the backend.
local function contested(rank, person, backend)
  if call('HEXISTS', WANTED, backend) == 0 then return false end
  rank = tonumber(rank)
  return in_order(rank, rank, function(ticket, other)
    if other == person then return nil end
    for _, each in ipairs(candidates_of(ticket)) do
      if each.backend == tonumber(backend) then return true end
    end
  end)
end

-- Running --------------------------------------------------------------------------------

local function run(t, backend, since)
  backend = whole(backend)
  call('SADD', key('running', backend), t.ticket)
  if tonumber(t.rank) >= GIVES_WAY then call('ZADD', YIELDING, since, t.ticket) end
  call('HSET', key('ticket', t.ticket), 'backend', backend, 'since', since)
end

local function stop_running(t)
  call('SREM', key('running', t.backend), t.ticket)
  if tonumber(t.rank) >= GIVES_WAY then call('ZREM', YIELDING, t.ticket) end
  call('HDEL', key('ticket', t.ticket), 'backend')
end

-- Give a waiting ticket its place. Its person goes to the end of the rotation if they
-- still wait, unless nobody else wanted that place: then their turn cost nobody anything.
local function grant(ticket, backend)
  local t = load(ticket)
  local turn = call('ZSCORE', rotation(t.rank), t.person)
  call('HSET', key('ticket', ticket), 'turn', turn)
  stop_waiting(t)
  if call('EXISTS', queue(t.rank, t.person)) == 1 and contested(t.rank, t.person, backend) then
    call('ZADD', rotation(t.rank), next_stamp(), t.person)
  end
  run(t, backend, NOW)
  news[ticket] = true
end

local function remove(ticket)
  local t = load(ticket)
  if not t then return end
  if t.backend then stop_running(t) else stop_waiting(t) end
  count(t, -1)
  call('DEL', key('ticket', ticket))
  call('ZREM', LEASES, ticket)
end

-- What happens of itself: leases end, places are given, background work gives way --------

local function looks(ticket)
  local t = load(ticket)
  return {
    ticket = ticket, person = tonumber(t.person), rank = tonumber(t.rank),
    backend = tonumber(t.backend), since = t.since,
    facts = call('HGET', key('ticket', ticket), 'facts'),
  }
end

local function lose(ticket, facts, due)
  call('HSET', LOST, ticket, cjson.encode({facts = facts, due = string.format('%.6f', due)}))
end

local function sweep()
  for _, ticket in ipairs(call('ZRANGEBYSCORE', LEASES, '-inf', NOW)) do
    lose(ticket, call('HGET', key('ticket', ticket), 'facts'), now)
    remove(ticket)
  end
end

local function any_open()
  for _, backend in ipairs(call('HKEYS', WANTED)) do
    if has_room(backend) then return true end
  end
end

local function deal()
  while any_open() do
    local given = in_order(0, LAST_RANK, function(ticket)
      local backend = best(candidates_of(ticket))
      if backend then
        grant(ticket, backend)
        return true
      end
    end)
    if not given then return end -- what is wanted and open always finds its ticket
  end
end

-- Running tickets that give way, by backend: called ones first, then the latest.
local function yielding()
  local called, quiet = {}, {}
  for _, ticket in ipairs(call('ZREVRANGE', YIELDING, 0, -1)) do
    local t = load(ticket)
    local side = t.called and called or quiet
    side[t.backend] = side[t.backend] or {}
    table.insert(side[t.backend], t)
  end
  for backend, tickets in pairs(quiet) do
    called[backend] = called[backend] or {}
    for _, t in ipairs(tickets) do table.insert(called[backend], t) end
  end
  return called
end

local function by_tier(one, other)
  if one.tier ~= other.tier then return one.tier < other.tier end
  return one.backend < other.backend
end

-- How many places of each backend people and API could have if background work gave way:
-- each that waits takes one, where there is one.
local function places_wanted(tickets_at)
  local places = {}
  in_order(0, GIVES_WAY - 1, function(ticket)
    local candidates = candidates_of(ticket)
    table.sort(candidates, by_tier)
    for _, each in ipairs(candidates) do
      local backend = whole(each.backend)
      local needed = running(backend) - room(backend) + (places[backend] or 0) + 1
      if room(backend) > 0 and tickets_at[backend] and #tickets_at[backend] >= needed then
        places[backend] = (places[backend] or 0) + 1
        return nil
      end
    end
  end)
  return places
end

local function have_background_give_way()
  if call('EXISTS', YIELDING) == 0 then return end
  if call('EXISTS', rotation(0), rotation(1)) == 0 then return end
  local tickets_at = yielding()
  for backend, places in pairs(places_wanted(tickets_at)) do
    for i = 1, running(backend) - room(backend) + places do
      local t = tickets_at[backend][i]
      if not t.called then
        call('HSET', key('ticket', t.ticket), 'called', 'yield')
        news[t.ticket] = true
      end
    end
  end
end

-- What is asked --------------------------------------------------------------------------

-- A server with room that nobody wants who waits: whoever asks may have it without a turn.
local function free_for_all(candidates)
  local backend = best(candidates)
  if backend and call('HEXISTS', WANTED, backend) == 0 then return backend end
end

-- Put in a ticket that is not known: a new one, or one that was forgotten.
local function keep(held)
  local new = held.stamp == '0'
  local stamp = new and next_stamp() or held.stamp
  local since = new and NOW or held.since
  local backend = tonumber(held.backend)
  if new then backend = free_for_all(cjson.decode(held.candidates)) end
  call('HSET', key('ticket', held.ticket), 'person', held.person, 'rank', held.rank,
    'owner', held.owner, 'stamp', stamp, 'since', since, 'candidates', held.candidates,
    'turn', backend and call('ZSCORE', rotation(held.rank), held.person) or stamp)
  call('HDEL', LOST, held.ticket)
  count(held, 1)
  if backend then run(held, backend, since) else wait(held.ticket) end
end

-- Put it in where it is not known, move it to where its process says that it runs, and
-- renew its lease.
local function put_in(held)
  local t = load(held.ticket)
  if not t then
    keep(held)
  elseif held.backend ~= '' and held.backend ~= t.backend then
    if t.backend then stop_running(t) else stop_waiting(t) end
    run(t, tonumber(held.backend), held.since)
  end
  call('HSET', key('ticket', held.ticket), 'facts', held.facts)
  call('ZADD', LEASES, string.format('%.6f', now + LEASE), held.ticket)
end

local function choose_anew(held)
  local t = load(held.ticket)
  if t.backend then return end
  want(cjson.decode(t.candidates), -1)
  call('HSET', key('ticket', held.ticket), 'candidates', held.candidates)
  want(cjson.decode(held.candidates), 1)
  moved = true
end

-- Its place is free again, and the turn that it took is its person's again.
local function give_back(held)
  local t = load(held.ticket)
  if not t.backend then return choose_anew(held) end
  stop_running(t)
  call('HSET', key('ticket', held.ticket), 'candidates', held.candidates, 'since', NOW)
  wait(held.ticket)
  call('ZADD', rotation(t.rank), 'LT', t.turn, t.person)
end

local function settle()
  deal()
  have_background_give_way()
end

local function state(ticket)
  local t = load(ticket)
  return {ticket, t.backend or '', t.stamp, t.since, t.called or ''}
end

-- The states of the tickets after `each` was done with them; their owner hears by these.
local function with_each(helds, only_new_rooms, each)
  for _, held in ipairs(helds) do
    tell_rooms(cjson.decode(held.candidates), only_new_rooms)
    put_in(held)
    if each then each(held) end
  end
  settle()
  local states = {}
  for i, held in ipairs(helds) do
    states[i] = state(held.ticket)
    news[held.ticket] = nil
  end
  return states
end

local acts = {}

-- One after the other, as if each had come by itself; who is not in then was refused.
function acts.enter(helds)
  for _, held in ipairs(helds) do
    if not has_enough(held) then with_each({held}, false) end
  end
  local states = {}
  for i, held in ipairs(helds) do
    local known = call('EXISTS', key('ticket', held.ticket)) == 1
    states[i] = known and state(held.ticket) or {held.ticket, '', '0', NOW, 'refused'}
    news[held.ticket] = nil
  end
  return states
end

function acts.renew(helds) return with_each(helds, true) end

-- As renew, but what was forgotten is left out, of the states too.
function acts.look(helds)
  local known = {}
  for _, held in ipairs(helds) do
    if call('EXISTS', key('ticket', held.ticket)) == 1 then table.insert(known, held) end
  end
  return acts.renew(known)
end

function acts.reroute(helds) return with_each(helds, false, choose_anew) end
function acts.pass_over(helds) return with_each(helds, false, give_back) end

-- What left with facts is lost after a lease, unless it is forgotten before.
function acts.leave(left)
  for _, each in ipairs(left) do
    remove(each.ticket)
    call('HDEL', LOST, each.ticket)
    if each.facts ~= '' then lose(each.ticket, each.facts, now + LEASE) end
  end
  settle()
  return {}
end

function acts.stop(told)
  settle()
  if call('EXISTS', key('ticket', told.ticket)) == 0 then return {} end
  call('HSET', key('ticket', told.ticket), 'called', 'stop:' .. whole(told.by))
  news[told.ticket] = true
  return {told.ticket}
end

-- Those who wait, in order.
function acts.queue()
  settle()
  local found = {}
  in_order(0, LAST_RANK, function(ticket, person, rank)
    local candidates = call('HGET', key('ticket', ticket), 'candidates')
    table.insert(found, {ticket, person, whole(rank), candidates})
  end)
  return found
end

-- Everybody: those who run, and then those who wait, in order.
function acts.everybody()
  settle()
  local found = {}
  for _, ticket in ipairs(call('ZRANGE', LEASES, 0, -1)) do
    if call('HEXISTS', key('ticket', ticket), 'backend') == 1 then
      table.insert(found, cjson.encode(looks(ticket)))
    end
  end
  in_order(0, LAST_RANK, function(ticket) table.insert(found, cjson.encode(looks(ticket))) end)
  return found
end

function acts.lost()
  settle()
  local found, told = {}, call('HGETALL', LOST)
  for i = 1, #told, 2 do
    local each = cjson.decode(told[i + 1])
    if tonumber(each.due) <= now then table.insert(found, {told[i], each.facts}) end
  end
  return found
end

function acts.forget(tickets)
  for _, ticket in ipairs(tickets) do call('HDEL', LOST, ticket) end
  return {}
end

sweep()
local answer = acts[ARGV[1]](cjson.decode(ARGV[3]))
for ticket in pairs(news) do
  local owner = call('HGET', key('ticket', ticket), 'owner')
  if owner then call('PUBLISH', key('to', owner), ticket) end
end
if moved then call('PUBLISH', key('moved'), '') end
return answer
