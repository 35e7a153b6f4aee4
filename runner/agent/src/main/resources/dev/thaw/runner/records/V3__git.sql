-- The revision that the agent fetches as the job's workspace, as JSON.
ALTER TABLE jobs ADD COLUMN git TEXT;
