-- wrk -s load.lua URL -- KIND DATA THREADS: a request of a random account each, made before the clock starts where it
-- can be.  A post answers the step that its session stands at, so each thread has sessions of its own and counts.
local threads = 0
function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

local made, at = {}, 0
local kind, data

local function get(path, account)
	return wrk.format("GET", path, { Cookie = "access=" .. account.cookie })
end

function init(args)
	kind = args[1]
	data = dofile(args[2])
	local share = tonumber(args[3])
	math.randomseed(os.time() + number)
	if kind == "list" then
		for n, account in ipairs(data.accounts) do made[n] = get("/bench/flows", account) end
	elseif kind == "session" then
		for n = 1, 4000 do
			local session = data.sessions[math.random(#data.sessions)]
			made[n] = get("/bench/sessions/" .. session.id, data.accounts[session.account])
		end
	else
		for n = number + 1, #data.sessions, share do made[#made + 1] = data.sessions[n] end
	end
	at = math.random(#made)
end

local function post(session)
	local account = data.accounts[session.account]
	local body = "csrf=" .. account.csrf .. "&step=" .. session.step .. "&answer=" ..
		(session.step % 2 == 0 and "yes" or "no") ..
		"&note=The+light+is+on+%26+steady%2C+the+operator+said.+About+eighty+characters+of+text."
	session.step = session.step + 1
	return wrk.format("POST", "/bench/sessions/" .. session.id .. "/answer", {
		Cookie = "access=" .. account.cookie, ["Content-Type"] = "application/x-www-form-urlencoded" }, body)
end

function request()
	at = at % #made + 1
	return kind == "post" and post(made[at]) or made[at]
end
