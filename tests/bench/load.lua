-- wrk -s load.lua URL -- DATA THREADS: the requests that rig.mjs wrote, made before the clock starts where they can be.
-- A form counts how often it was sent, so each thread has forms of its own.
local threads = 0
function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

local made, at = {}, 0
local data
local sent, first = {}, 1 -- where forms lead to; by the time that it is asked for, each is answered
local BEHIND, got = 64, false

local function get(one)
	return wrk.format("GET", one.path, { Cookie = "access=" .. data.accounts[one.account].cookie })
end

local function post(one)
	local account = data.accounts[one.account]
	local values = { csrf = account.csrf, count = one.count }
	local body, path = one.body:gsub("{(%w+)}", values), one.path:gsub("{(%w+)}", values)
	one.count = one.count + 1
	if data.leads then
		sent[#sent + 1] = { path = one.path:gsub("{(%w+)}", { count = one.count }), account = one.account }
	end
	return wrk.format("POST", path, {
		Cookie = "access=" .. account.cookie, ["Content-Type"] = "application/x-www-form-urlencoded" }, body)
end

function init(args)
	data = dofile(args[1])
	math.randomseed(os.time() + number)
	for n = number + 1, #data.requests, tonumber(args[2]) do
		local one = data.requests[n]
		made[#made + 1] = one.body and one or get(one)
	end
	at = math.random(#made)
end

function request()
	if #sent - first > BEHIND and not got then
		got, first = true, first + 1
		return get(sent[first - 1])
	end
	got = false
	at = at % #made + 1
	return type(made[at]) == "table" and post(made[at]) or made[at]
end
