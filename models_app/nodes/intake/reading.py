"""The script by which Redis reads the streams of hosts within bounds.

Nothing can come between its look at a stream and its reading of it. What goes wrong with
one stream is of that stream alone, which is thrown away.
"""

READ = """
local longest, far_too_long, largest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local most_bytes, most_of_one = tonumber(ARGV[4]), tonumber(ARGV[5])
local looks_back = ARGV[6] == '1'

local function of(key, place, allowed)
    local kind = redis.call('TYPE', key).ok
    if kind == 'none' then return {''} end
    if kind ~= 'stream' then redis.call('UNLINK', key) return {'odd'} end
    if redis.call('XLEN', key) > far_too_long then
        redis.call('UNLINK', key)
        return {'long'}
    end
    if redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) > largest then
        redis.call('UNLINK', key)
        return {'large'}
    end
    local trimmed = redis.call('XTRIM', key, 'MAXLEN', '=', longest)
    if allowed < 1 then return {trimmed > 0 and 'flood' or ''} end

    -- One more than is taken, to know whether there are more.
    local new = redis.call('XREVRANGE', key, '+', '(' .. place, 'COUNT', allowed + 1)
    if looks_back and #new == 0 then
        local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
        if last[1] and last[1][1] ~= place then
            new = redis.call('XREVRANGE', key, '+', '-', 'COUNT', allowed + 1)
        end
    end
    local taken, bytes, left_out = {}, 0, trimmed > 0 and #new == redis.call('XLEN', key)
    for _, entry in ipairs(new) do
        local name, value = entry[2][1], entry[2][2]
        if name ~= 'sample' or #entry[2] > 2 then error('no sample') end
        local raw = string.sub(value, 1, most_of_one)
        bytes = bytes + #raw
        if #taken == allowed or bytes > most_bytes then left_out = true break end
        table.insert(taken, 1, {entry[1], raw})
    end
    return {left_out and 'flood' or '', unpack(taken)}
end

local found = {redis.call('TIME'), redis.call('EXISTS', KEYS[1])}
for i = 2, #KEYS do
    local went_well, read = pcall(of, KEYS[i], ARGV[3 + 2 * i], tonumber(ARGV[4 + 2 * i]))
    if not went_well then
        redis.call('UNLINK', KEYS[i])
        read = {'odd'}
    end
    found[i + 1] = read
end
return found
"""
"""`KEYS`: whether somebody watches, then the streams. `ARGV`: the limits, whether to look
for streams that began anew, then the place and the allowance of each stream. It returns
the time, whether somebody watches, and of each stream what is wrong with it and the
entries that are taken, the oldest first."""
