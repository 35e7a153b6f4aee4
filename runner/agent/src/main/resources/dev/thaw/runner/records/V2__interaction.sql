-- How somebody takes part in the job while it runs, as JSON.
ALTER TABLE jobs ADD COLUMN interaction TEXT NOT NULL DEFAULT '{}';
