"""The online store's commits and reads in Redis, as Lua: a script runs alone, so each is all or nothing.

Keys, under the store's prefix: `sets` (definition JSON by name), `epoch`, and by name
`generations:<name>` (a sorted set of `midnight | token`), `rows:<name>:<midnight | token>` (packed rows by
digest of key), `tail:<epoch>:<name>:<digest>` (a sorted set of `event_time | position | row`),
`tails:<epoch>:<name>` (the digests), `ids:<epoch>:<stream>` (digest of id by arrival) and `ends:<epoch>`.
Of rows that change `rows:` holds packed mutations by `i` and digest of id, and digests of ids by `k` and digest of
key; `tail:` and `tails:` go by id, with `available_at | position | mutation`; and there are
`owners:<epoch>:<name>:<digest of key>` (digests of ids) and `keys:<epoch>:<name>` (the digests of these keys).
Members sort as bytes, which is exact; scores would round instants beyond the year 2255.
To forget what streams brought is to raise `epoch`: nobody reads the keys of an older one.
"""

from __future__ import annotations

# ARGV: prefix, name, instant after `at`, first instant of the tail ('' unbounded), digests…
# → {chosen} or {false, kept…}; then rows by digest, proof rows, tail by digest, position.
FETCH = """
local prefix, name = ARGV[1], ARGV[2]
local kept = prefix .. 'generations:' .. name
local chosen = redis.call('ZREVRANGEBYLEX', kept, '(' .. ARGV[3], '-', 'LIMIT', 0, 1)[1]
if not chosen then return {false, redis.call('ZRANGE', kept, 0, -1)} end
local rows = prefix .. 'rows:' .. name .. ':' .. chosen
local epoch = redis.call('GET', prefix .. 'epoch') or '0'
local tail = prefix .. 'tail:' .. epoch .. ':' .. name .. ':'
local first = '-'
if ARGV[4] ~= '' then first = '[' .. ARGV[4] end
local found, streamed = {}, {}
for i = 5, #ARGV do
  found[#found + 1] = redis.call('HGET', rows, ARGV[i])
  for _, member in ipairs(redis.call('ZRANGEBYLEX', tail .. ARGV[i], first, '(' .. ARGV[3])) do
    streamed[#streamed + 1] = member
  end
end
local whole = redis.call('HMGET', rows, 'meta', 'proof')
local position = redis.call('HGET', prefix .. 'ends:' .. epoch, 'position:' .. name) or '0'
return {chosen, whole[1], whole[2] or '', found, streamed, position}
"""

# ARGV: prefix, name, instant after `at`, digests of keys…; of rows that change
# → {chosen} or {false, kept…}; then meta, generation's mutations by row, tail of these rows, position.
FETCH_CHANGING = """
local prefix, name = ARGV[1], ARGV[2]
local kept = prefix .. 'generations:' .. name
local chosen = redis.call('ZREVRANGEBYLEX', kept, '(' .. ARGV[3], '-', 'LIMIT', 0, 1)[1]
if not chosen then return {false, redis.call('ZRANGE', kept, 0, -1)} end
local rows = prefix .. 'rows:' .. name .. ':' .. chosen
local epoch = redis.call('GET', prefix .. 'epoch') or '0'
local tail = prefix .. 'tail:' .. epoch .. ':' .. name .. ':'
local owners = prefix .. 'owners:' .. epoch .. ':' .. name .. ':'
local ids, seen, found, streamed = {}, {}, {}, {}
local function add(id)
  if not seen[id] then
    seen[id] = true
    ids[#ids + 1] = id
  end
end
for i = 4, #ARGV do
  local owned = redis.call('HGET', rows, 'k' .. ARGV[i]) or ''
  for at = 1, #owned, 16 do add(string.sub(owned, at, at + 15)) end
  for _, id in ipairs(redis.call('SMEMBERS', owners .. ARGV[i])) do add(id) end
end
for _, id in ipairs(ids) do
  local mutations = redis.call('HGET', rows, 'i' .. id)
  if mutations then found[#found + 1] = mutations end
  for _, member in ipairs(redis.call('ZRANGEBYLEX', tail .. id, '-', '(' .. ARGV[3])) do
    streamed[#streamed + 1] = member
  end
end
local position = redis.call('HGET', prefix .. 'ends:' .. epoch, 'position:' .. name) or '0'
return {chosen, redis.call('HGET', rows, 'meta'), found, streamed, position}
"""

# ARGV: prefix, name, definition JSON, midnight, member, how many stay, fields of the staged rows
# Makes staged rows the generation of their midnight and drops what is beyond those that stay.
SWITCH = """
local prefix, name = ARGV[1], ARGV[2]
local kept, rows = prefix .. 'generations:' .. name, prefix .. 'rows:' .. name .. ':'
if redis.call('HLEN', rows .. ARGV[5]) ~= tonumber(ARGV[7]) then return 0 end
redis.call('PERSIST', rows .. ARGV[5])
for _, member in ipairs(redis.call('ZRANGE', kept, 0, -1)) do
  if string.sub(member, 1, 8) == ARGV[4] then
    redis.call('ZREM', kept, member)
    redis.call('UNLINK', rows .. member)
  end
end
redis.call('ZADD', kept, 0, ARGV[5])
for _, member in ipairs(redis.call('ZREVRANGE', kept, tonumber(ARGV[6]), -1)) do
  redis.call('ZREM', kept, member)
  redis.call('UNLINK', rows .. member)
end
redis.call('HSET', prefix .. 'sets', name, ARGV[3])
return 1
"""

# ARGV: prefix, stream, end, consumed ('' none), then counted groups:
# n starts (name, start), n ends (name, end), n ids (arrival, digest), n rows (name, digest, member),
# n owners (name, digest of a key, digest of the id of a row that has or had it)
# → {1}, or {0, name, its end, start} where a start lies beyond what is there.
APPLY = """
local prefix, stream = ARGV[1], ARGV[2]
local epoch = redis.call('GET', prefix .. 'epoch') or '0'
local ends = prefix .. 'ends:' .. epoch
local own = 'stream:' .. stream
local at = 5
local function group(width, each)
  local count = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, count do
    each(at)
    at = at + width
  end
end
local refused = nil
group(2, function(i)
  local field = own
  if ARGV[i] ~= '' then field = 'position:' .. ARGV[i] end
  local seen = redis.call('HGET', ends, field) or '0'
  if tonumber(seen) < tonumber(ARGV[i + 1]) then refused = {0, ARGV[i], seen, ARGV[i + 1]} end
end)
if refused then return refused end
local function raise(field, to)
  local seen = redis.call('HGET', ends, field) or '0'
  if tonumber(to) > tonumber(seen) then redis.call('HSET', ends, field, to) end
end
if ARGV[4] ~= '' and tonumber(ARGV[3]) > tonumber(redis.call('HGET', ends, own) or '0') then
  redis.call('HSET', ends, 'consumed:' .. stream, ARGV[4])
end
raise(own, ARGV[3])
group(2, function(i) raise('position:' .. ARGV[i], ARGV[i + 1]) end)
local ids = prefix .. 'ids:' .. epoch .. ':' .. stream
group(2, function(i) redis.call('ZADD', ids, ARGV[i], ARGV[i + 1]) end)
group(3, function(i)
  redis.call('SADD', prefix .. 'tails:' .. epoch .. ':' .. ARGV[i], ARGV[i + 1])
  redis.call('ZADD', prefix .. 'tail:' .. epoch .. ':' .. ARGV[i] .. ':' .. ARGV[i + 1], 0, ARGV[i + 2])
end)
group(3, function(i)
  redis.call('SADD', prefix .. 'keys:' .. epoch .. ':' .. ARGV[i], ARGV[i + 1])
  redis.call('SADD', prefix .. 'owners:' .. epoch .. ':' .. ARGV[i] .. ':' .. ARGV[i + 1], ARGV[i + 2])
end)
return {1}
"""

# ARGV: prefix, stream, digests… → {end, 1 or 0 by digest, consumed}
KNOWN = """
local prefix, stream = ARGV[1], ARGV[2]
local epoch = redis.call('GET', prefix .. 'epoch') or '0'
local ids, found = prefix .. 'ids:' .. epoch .. ':' .. stream, {}
for i = 3, #ARGV do
  found[#found + 1] = redis.call('ZSCORE', ids, ARGV[i]) and 1 or 0
end
local ends = prefix .. 'ends:' .. epoch
local told = redis.call('HMGET', ends, 'stream:' .. stream, 'consumed:' .. stream)
return {told[1] or '0', found, told[2] or ''}
"""

# ARGV: prefix → positions of definitions and streams, under the epoch that holds now
ENDS = """
local epoch = redis.call('GET', ARGV[1] .. 'epoch') or '0'
return redis.call('HGETALL', ARGV[1] .. 'ends:' .. epoch)
"""

# ARGV: prefix, stream, the instant before which ids go → how many went
FORGET_IDS = """
local epoch = redis.call('GET', ARGV[1] .. 'epoch') or '0'
local ids = ARGV[1] .. 'ids:' .. epoch .. ':' .. ARGV[2]
return redis.call('ZREMRANGEBYSCORE', ids, '-inf', '(' .. ARGV[3])
"""

# ARGV: prefix, name → {epoch, digests of the keys (of what changes, of the ids) that have a tail}
TAILS = """
local epoch = redis.call('GET', ARGV[1] .. 'epoch') or '0'
return {epoch, redis.call('SMEMBERS', ARGV[1] .. 'tails:' .. epoch .. ':' .. ARGV[2])}
"""

# ARGV: prefix, name → digests of the keys that streamed rows that change have or had
KEYS = """
local epoch = redis.call('GET', ARGV[1] .. 'epoch') or '0'
return redis.call('SMEMBERS', ARGV[1] .. 'keys:' .. epoch .. ':' .. ARGV[2])
"""

# ARGV: prefix, name, digests of keys…
# Takes from the keys the rows that have no streamed mutation any more: the generations name those themselves.
PRUNE_OWNERS = """
local epoch = redis.call('GET', ARGV[1] .. 'epoch') or '0'
local own = epoch .. ':' .. ARGV[2]
for i = 3, #ARGV do
  local owners = ARGV[1] .. 'owners:' .. own .. ':' .. ARGV[i]
  for _, id in ipairs(redis.call('SMEMBERS', owners)) do
    if redis.call('EXISTS', ARGV[1] .. 'tail:' .. own .. ':' .. id) == 0 then redis.call('SREM', owners, id) end
  end
  if redis.call('EXISTS', owners) == 0 then redis.call('SREM', ARGV[1] .. 'keys:' .. own, ARGV[i]) end
end
return 1
"""
