-- Instants are milliseconds since 1970.
CREATE TABLE tokens (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    scopes  TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER
);

CREATE TABLE jobs (
    -- Counts up and is never given twice: the order of submission, whatever the clock does.
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    token           TEXT NOT NULL,
    client          TEXT NOT NULL,
    idempotency_key TEXT,
    request_sha256  TEXT,
    spec            TEXT NOT NULL,
    archive         INTEGER NOT NULL,
    priority        INTEGER NOT NULL,
    rerun           INTEGER NOT NULL,
    policy          TEXT NOT NULL,
    submitted       INTEGER NOT NULL,
    start_by        INTEGER NOT NULL,
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    started         INTEGER,
    ended           INTEGER,
    outcome         TEXT,
    ending          TEXT,
    bytes           INTEGER NOT NULL DEFAULT 0,
    UNIQUE (token, idempotency_key)
);

CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_token ON jobs (token, number);

CREATE TABLE job_tokens (
    sha256 TEXT PRIMARY KEY,
    job    TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE
);
