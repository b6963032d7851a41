-- wrk -s load.lua URL -- DATA THREADS: the requests that rig.mjs wrote, made before the clock starts where they can be.
-- A form counts how often it was sent, so each thread has forms of its own.
local threads = 0
function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

local made, at = {}, 0
local data

local function get(one)
	return wrk.format("GET", one.path, { Cookie = "access=" .. data.accounts[one.account].cookie })
end

local function post(one)
	local account = data.accounts[one.account]
	local body = one.body:gsub("{(%w+)}", { csrf = account.csrf, count = one.count })
	one.count = one.count + 1
	return wrk.format("POST", one.path, {
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
	at = at % #made + 1
	return type(made[at]) == "table" and post(made[at]) or made[at]
end
