-- Who gets the next place, for all processes together. `turns.py` says what the rule is;
-- this is the same rule, and a test runs both side by side.
--
-- All keys begin with KEYS[1]:
--   tickets   hash    ticket -> JSON {t, p, r, c, n, b, y, f}: its name, person, rank,
--                     candidates [[backend, room, tier, weight], …], number of arrival,
--                     backend (-1 while it waits), who called it off (-1: nobody, 0: somebody
--                     waits, else an administrator's number), and facts (JSON text)
--   leases    zset    ticket -> when it is given up, unless its process is heard of
--   line      zset    ticket that waits -> number of arrival
--   giving    zset    ticket that runs and yields to others -> number of arrival
--   rotation  zset    "rank:person" of those who wait -> place in the rotation
--   waits     hash    "rank:person" -> how many tickets of theirs wait
--   running   hash    backend -> how many it writes
--   rooms     hash    backend -> how many it may write
--   lost      hash    ticket -> JSON {f, due}: to be written into the ledger from `due` on
--   arrivals, heads   counters
--
-- ARGV: the operation, the time in seconds ("" for that of Redis), and what it takes.
-- What others should hear is published on KEYS[1] .. "news".

local K = KEYS[1]
local operation = ARGV[1]
local now = tonumber(ARGV[2])
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local YIELDING = 2
local moved = false

local function key_of(t) return t.r .. ':' .. t.p end
local function keep(t) redis.call('HSET', K .. 'tickets', t.t, cjson.encode(t)) end
local function get(name)
    local text = redis.call('HGET', K .. 'tickets', name)
    return text and cjson.decode(text)
end
local function count(name, field, by)
    return redis.call('HINCRBY', K .. name, field, by)
end
local function number(name, field)
    return tonumber(redis.call('HGET', K .. name, field) or '0')
end
local function tell(word, name)
    redis.call('PUBLISH', K .. 'news', word .. ' ' .. name)
end

local function wait(t, place)
    redis.call('ZADD', K .. 'line', t.n, t.t)
    count('waits', key_of(t), 1)
    if place == 'head' then
        redis.call('ZADD', K .. 'rotation', t.n, key_of(t))
    else
        redis.call('ZADD', K .. 'rotation', 'NX', t.n, key_of(t))
    end
    moved = true
end

local function wait_no_more(t)
    redis.call('ZREM', K .. 'line', t.t)
    if count('waits', key_of(t), -1) <= 0 then
        redis.call('HDEL', K .. 'waits', key_of(t))
        redis.call('ZREM', K .. 'rotation', key_of(t))
    end
    moved = true
end

local function run(t)
    count('running', t.b, 1)
    if t.r >= YIELDING then redis.call('ZADD', K .. 'giving', t.n, t.t) end
end

local function forget(name)
    local t = get(name)
    if not t then return nil end
    redis.call('HDEL', K .. 'tickets', name)
    redis.call('ZREM', K .. 'leases', name)
    if t.b == -1 then
        wait_no_more(t)
    else
        if count('running', t.b, -1) <= 0 then redis.call('HDEL', K .. 'running', t.b) end
        redis.call('ZREM', K .. 'giving', name)
    end
    return t
end

local function lose(name, facts, due)
    redis.call('HSET', K .. 'lost', name, cjson.encode({f = facts, due = due}))
end

local function expire()
    local gone = redis.call('ZRANGEBYSCORE', K .. 'leases', '-inf', now)
    for _, name in ipairs(gone) do
        local t = forget(name)
        if t and t.b ~= -1 then lose(name, t.f, now) end
    end
end

local function note_rooms(candidates)
    for _, each in ipairs(candidates) do
        redis.call('HSET', K .. 'rooms', each[1], each[2])
    end
end

-- Of its candidates with room: the lowest tier, then the fewest for its weight.
local function best(candidates)
    local found, tier, share
    for _, each in ipairs(candidates) do
        local runs = number('running', each[1])
        if runs < number('rooms', each[1]) then
            local its = (runs + 1) / each[4]
            if not found or each[3] < tier or (each[3] == tier and its < share) then
                found, tier, share = each[1], each[3], its
            end
        end
    end
    return found
end

-- Those who wait, in the order in which the next one is looked for.
local function in_line()
    local found = {}
    for _, name in ipairs(redis.call('ZRANGE', K .. 'line', 0, -1)) do
        local t = get(name)
        t.turn = tonumber(redis.call('ZSCORE', K .. 'rotation', key_of(t)))
        found[#found + 1] = t
    end
    table.sort(found, function(a, b)
        if a.r ~= b.r then return a.r < b.r end
        if a.turn ~= b.turn then return a.turn < b.turn end
        return a.n < b.n
    end)
    return found
end

local function grant(t, backend)
    t.b, t.turn = backend, nil
    keep(t)
    run(t)
    wait_no_more(t)
    if redis.call('HEXISTS', K .. 'waits', key_of(t)) == 1 then
        local last = redis.call('INCR', K .. 'arrivals')
        redis.call('ZADD', K .. 'rotation', last, key_of(t))
    end
    tell('granted', t.t)
end

-- The first in line that some server has room for; all that come before it have none.
local function grant_next()
    for _, t in ipairs(in_line()) do
        local backend = best(t.c)
        if backend then
            grant(t, backend)
            return true
        end
    end
    return false
end

local function shares(t, backend)
    for _, each in ipairs(t.c) do
        if each[1] == backend then return true end
    end
    return false
end

-- One that yields for each who waits and comes before it, the latest first.
local function call_those_that_yield()
    local names = redis.call('ZREVRANGE', K .. 'giving', 0, -1)
    if #names == 0 then return end
    local giving = {}
    for _, name in ipairs(names) do giving[#giving + 1] = get(name) end
    for _, waiting in ipairs(in_line()) do
        if waiting.r >= YIELDING then return end
        local chosen
        for _, t in ipairs(giving) do
            if not t.taken and shares(waiting, t.b) then
                if t.y ~= -1 then chosen = t break end
                chosen = chosen or t
            end
        end
        if chosen then
            if chosen.y == -1 then
                chosen.y = 0
                keep(chosen)
                tell('called', chosen.t)
            end
            chosen.taken = true
        end
    end
end

local function deal()
    while redis.call('ZCARD', K .. 'line') > 0 and grant_next() do end
    if redis.call('ZCARD', K .. 'line') > 0 then
        call_those_that_yield()
        if moved then tell('moved', '-') end
    end
end

local function overlap(a, b)
    for _, each in ipairs(a.c) do
        if shares(b, each[1]) then return true end
    end
    return false
end

-- How many would be served before it, and how many other people these are.
local function standing(mine, line)
    local own, waiting, turns, turn, my_turn = 0, {}, {}, 0, 0
    for _, t in ipairs(line) do
        if t.t == mine.t then
            turn, my_turn = own, t.turn
        end
        if t.r == mine.r and t.p == mine.p then
            if overlap(t, mine) then own = own + 1 end
        elseif overlap(t, mine) then
            local key = key_of(t)
            waiting[key] = (waiting[key] or 0) + 1
            turns[key] = {t.r, t.turn, t.p}
        end
    end
    local ahead, people, seen = turn, 0, {}
    for key, many in pairs(waiting) do
        local rank, place, person = unpack(turns[key])
        local theirs = 0
        if rank < mine.r then
            theirs = many
        elseif rank == mine.r then
            theirs = math.min(many, turn + (place < my_turn and 1 or 0))
        end
        ahead = ahead + theirs
        if theirs > 0 and person ~= mine.p and not seen[person] then
            seen[person] = true
            people = people + 1
        end
    end
    return ahead + 1, people
end

-- Each ticket: [name, backend or -1, who called it or -1, position, people].
local function told(names)
    local line, answers = nil, {}
    for _, name in ipairs(names) do
        local t = get(name)
        if t then
            local position, people = 0, 0
            if t.b == -1 then
                line = line or in_line()
                position, people = standing(t, line)
            end
            answers[#answers + 1] = {name, t.b, t.y, position, people}
        end
    end
    return answers
end

-- Its process knows better: it went on by itself while it was cut off from here.
local function is_elsewhere(t, wish)
    if wish.b ~= -1 then return t.b ~= wish.b end
    return t.b ~= -1 and not shares(wish, t.b)
end

local function tend(wish, expires)
    local t = get(wish.t)
    note_rooms(wish.c)
    if t and is_elsewhere(t, wish) then
        forget(wish.t)
        t = nil
    end
    if t then
        t.c, t.f = wish.c, wish.f
        keep(t)
    else
        redis.call('HDEL', K .. 'lost', wish.t)
        t = wish
        t.n = redis.call('INCR', K .. 'arrivals')
        t.y = -1
        keep(t)
        if t.b == -1 then wait(t) else run(t) end
    end
    redis.call('ZADD', K .. 'leases', expires, t.t)
end

expire()
if operation == 'tend' then
    -- seconds, then one wish after the other
    local names = {}
    for place = 4, #ARGV do
        local wish = cjson.decode(ARGV[place])
        tend(wish, now + tonumber(ARGV[3]))
        names[#names + 1] = wish.t
    end
    deal()
    return told(names)
elseif operation == 'leave' then
    -- ticket, facts for the ledger ("" for none), seconds until somebody else writes them
    forget(ARGV[3])
    if ARGV[4] ~= '' then lose(ARGV[3], ARGV[4], now + tonumber(ARGV[5])) end
    deal()
    return {}
elseif operation == 'pass' then
    -- ticket, new candidates
    local expires = redis.call('ZSCORE', K .. 'leases', ARGV[3])
    local t = forget(ARGV[3])
    if t then
        t.c, t.b, t.n = cjson.decode(ARGV[4]), -1, redis.call('DECR', K .. 'heads')
        note_rooms(t.c)
        keep(t)
        redis.call('ZADD', K .. 'leases', expires, t.t)
        wait(t, 'head')
    end
    deal()
    return told({ARGV[3]})
elseif operation == 'call' then
    -- ticket, by whom
    local t = get(ARGV[3])
    if not t then return 0 end
    t.y = tonumber(ARGV[4])
    keep(t)
    tell('called', t.t)
    return 1
end
deal()
return {}
