-- What version 4 of the bookkeeping left in a file: of the table "jobs", changes that wait, are in flight (2 with an edit behind it), and lie in
-- quarantine; the app's own trigger, index, and a view that names a table which is gone. Users have such files.
BEGIN TRANSACTION;
CREATE TABLE agent_sync_applying (id INTEGER PRIMARY KEY);
CREATE TABLE agent_sync_checkpoint (
    slot TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE agent_sync_checkpoint_aside (
    id INTEGER PRIMARY KEY, slot TEXT NOT NULL, revision INTEGER, content BLOB);
CREATE TABLE agent_sync_column (
    local_table TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE, number INTEGER NOT NULL,
    is_sent INTEGER NOT NULL, state INTEGER NOT NULL, PRIMARY KEY (local_table, name)) WITHOUT ROWID;
INSERT INTO "agent_sync_column" VALUES('jobs','deleted_at',5,1,0);
INSERT INTO "agent_sync_column" VALUES('jobs','id',0,1,0);
INSERT INTO "agent_sync_column" VALUES('jobs','slot',2,1,0);
INSERT INTO "agent_sync_column" VALUES('jobs','title',1,1,0);
INSERT INTO "agent_sync_column" VALUES('jobs','updated_at',3,0,0);
INSERT INTO "agent_sync_column" VALUES('jobs','version',4,0,0);
CREATE TABLE agent_sync_generation (
    slot TEXT NOT NULL PRIMARY KEY, generation INTEGER NOT NULL, is_complete INTEGER NOT NULL);
CREATE TABLE agent_sync_lease (
    slot TEXT NOT NULL PRIMARY KEY, fence INTEGER NOT NULL, machine TEXT, process_id INTEGER,
    process_started INTEGER, instance TEXT, expires_at INTEGER NOT NULL);
CREATE TABLE agent_sync_meta (name TEXT NOT NULL PRIMARY KEY, value);
INSERT INTO "agent_sync_meta" VALUES('schema_version',4);
INSERT INTO "agent_sync_meta" VALUES('store_id',X'3B5E5195853519489ED51298CF07A40F');
INSERT INTO "agent_sync_meta" VALUES('table_of_jobs','jobs');
CREATE TABLE agent_sync_outbox (
    local_table TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, unrecorded INTEGER NOT NULL);
INSERT INTO "agent_sync_outbox" VALUES('jobs',0);
CREATE TABLE "agent_sync_outbox_jobs" (
    id INTEGER PRIMARY KEY AUTOINCREMENT, "k_id" BIGINT, slot INTEGER DEFAULT 0, operation BLOB, kind INTEGER,
    has_base INTEGER, has_server INTEGER DEFAULT 0, code TEXT, constraint_name TEXT, rejected_at INTEGER, found INTEGER, sent BLOB, compared INTEGER, edited_0 INTEGER DEFAULT 0
    , "b_title", "b_slot", "b_updated_at", "b_version", "b_deleted_at", "s_title", "s_slot", "s_updated_at", "s_version", "s_deleted_at");
INSERT INTO "agent_sync_outbox_jobs" VALUES(1,2,1,X'AB2D2CD0C7E93E41A1C4244197C4C19D',1,1,0,NULL,NULL,NULL,NULL,X'7B227469746C65223A2273656E74227D',NULL,2,'b','s2','2026-01-01 00:00:00+00:00',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "agent_sync_outbox_jobs" VALUES(2,3,0,X'8F586716F1944548B20E7C6BA7ECEE7B',1,1,0,'23514',NULL,639028656000000000,NULL,X'7B22736C6F74223A22626164227D',NULL,4,'c','s3','2026-01-01 00:00:00+00:00',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "agent_sync_outbox_jobs" VALUES(4,2,0,NULL,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,2,'sent','s2','2026-01-01 00:00:00+00:00',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "agent_sync_outbox_jobs" VALUES(5,1,1,X'0660172F86F8954E95E96221EDEAEABF',1,1,0,NULL,NULL,NULL,NULL,X'7B22736C6F74223A226E657874227D',NULL,4,'a','s1','2026-01-01 00:00:00+00:00',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "agent_sync_outbox_jobs" VALUES(6,4,1,X'42873B8440113F459B889C79B5C090FB',2,1,0,NULL,NULL,NULL,NULL,NULL,NULL,0,'d','s4','2026-01-01 00:00:00+00:00',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "agent_sync_outbox_jobs" VALUES(9,5,0,NULL,NULL,1,0,NULL,NULL,NULL,NULL,NULL,NULL,2,'e','s5','2026-01-01 00:00:00+00:00',1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "agent_sync_outbox_jobs" VALUES(11,6,0,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE agent_sync_parked (
    id INTEGER PRIMARY KEY AUTOINCREMENT, local_table TEXT NOT NULL COLLATE NOCASE, key TEXT NOT NULL, kind INTEGER NOT NULL,
    content BLOB NOT NULL, version, code TEXT NOT NULL, constraint_name TEXT, generation INTEGER, UNIQUE (local_table, key));
CREATE TABLE agent_sync_reread (
    local_table TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, last INTEGER NOT NULL, due INTEGER, begun INTEGER);
CREATE TABLE "jobs" ("id" BIGINT NOT NULL, "title" TEXT, "slot" TEXT, "updated_at" TEXT, "version" INTEGER, "deleted_at" TEXT, PRIMARY KEY ("id"));
INSERT INTO "jobs" VALUES(1,'a','next','2026-01-01 00:00:00+00:00',1,NULL);
INSERT INTO "jobs" VALUES(2,'even later','s2','2026-01-01 00:00:00+00:00',1,NULL);
INSERT INTO "jobs" VALUES(3,'c','bad','2026-01-01 00:00:00+00:00',1,NULL);
INSERT INTO "jobs" VALUES(5,'waits','s5','2026-01-01 00:00:00+00:00',1,NULL);
INSERT INTO "jobs" VALUES(6,'new',NULL,NULL,NULL,NULL);
CREATE TABLE log (what TEXT);
CREATE INDEX "agent_sync_outbox_jobs_key" ON "agent_sync_outbox_jobs" ("k_id", slot);
CREATE INDEX "agent_sync_outbox_jobs_code" ON "agent_sync_outbox_jobs" (code) WHERE code IS NOT NULL;
CREATE INDEX jobs_by_title ON jobs (title);
CREATE TRIGGER "agent_sync_bi_jobs" BEFORE INSERT ON "jobs" WHEN NOT EXISTS (SELECT 1 FROM agent_sync_applying) BEGIN INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base, "b_title", "b_slot", "b_updated_at", "b_version", "b_deleted_at") SELECT t."id", 1, t."title", t."slot", t."updated_at", t."version", t."deleted_at" FROM "jobs" t WHERE t."id" = NEW."id" COLLATE BINARY AND t."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = t."id" AND slot = 0); INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base) SELECT NEW."id", 0 WHERE NOT EXISTS (SELECT 1 FROM "jobs" t WHERE t."id" = NEW."id" COLLATE BINARY) AND NEW."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = NEW."id" AND slot = 0); END;
CREATE TRIGGER "agent_sync_ai_jobs" AFTER INSERT ON "jobs" WHEN NOT EXISTS (SELECT 1 FROM agent_sync_applying) BEGIN INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base) SELECT NEW."id", 0 WHERE 1 AND NEW."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = NEW."id" AND slot = 0); UPDATE "agent_sync_outbox_jobs" SET code = NULL, constraint_name = NULL, rejected_at = NULL, kind = NULL, operation = NULL, found = NULL WHERE "k_id" = NEW."id" AND slot = 0 AND code IS NOT NULL; UPDATE "agent_sync_outbox_jobs" SET edited_0 = edited_0 | ((NEW."title" IS NOT NULL OR "b_title" IS NOT NULL) << 1) | ((NEW."slot" IS NOT NULL OR "b_slot" IS NOT NULL) << 2) | ((NEW."updated_at" IS NOT NULL OR "b_updated_at" IS NOT NULL) << 3) | ((NEW."version" IS NOT NULL OR "b_version" IS NOT NULL) << 4) | ((NEW."deleted_at" IS NOT NULL OR "b_deleted_at" IS NOT NULL) << 5) WHERE "k_id" = NEW."id" AND slot = 0; END;
CREATE TRIGGER "agent_sync_bu_jobs" BEFORE UPDATE OF "id" ON "jobs" WHEN NOT EXISTS (SELECT 1 FROM agent_sync_applying) BEGIN INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base, "b_title", "b_slot", "b_updated_at", "b_version", "b_deleted_at") SELECT t."id", 1, t."title", t."slot", t."updated_at", t."version", t."deleted_at" FROM "jobs" t WHERE t."id" = NEW."id" COLLATE BINARY AND (t."id" IS NOT OLD."id" COLLATE BINARY) AND t."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = t."id" AND slot = 0); INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base) SELECT NEW."id", 0 WHERE (OLD."id" COLLATE BINARY IS NOT NEW."id") AND NOT EXISTS (SELECT 1 FROM "jobs" t WHERE t."id" = NEW."id" COLLATE BINARY) AND NEW."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = NEW."id" AND slot = 0); END;
CREATE TRIGGER "agent_sync_au_jobs" BEFORE UPDATE OF "id", "title", "slot", "updated_at", "version", "deleted_at" ON "jobs" WHEN NOT EXISTS (SELECT 1 FROM agent_sync_applying) BEGIN INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base, "b_title", "b_slot", "b_updated_at", "b_version", "b_deleted_at") SELECT OLD."id", 1, OLD."title", OLD."slot", OLD."updated_at", OLD."version", OLD."deleted_at" WHERE OLD."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = OLD."id" AND slot = 0); UPDATE "agent_sync_outbox_jobs" SET code = NULL, constraint_name = NULL, rejected_at = NULL, kind = NULL, operation = NULL, found = NULL WHERE "k_id" = OLD."id" AND slot = 0 AND code IS NOT NULL; UPDATE "agent_sync_outbox_jobs" SET edited_0 = edited_0 | ((OLD."title" COLLATE BINARY IS NOT NEW."title") << 1) | ((OLD."slot" COLLATE BINARY IS NOT NEW."slot") << 2) | ((OLD."updated_at" COLLATE BINARY IS NOT NEW."updated_at") << 3) | ((OLD."version" COLLATE BINARY IS NOT NEW."version") << 4) | ((OLD."deleted_at" COLLATE BINARY IS NOT NEW."deleted_at") << 5) WHERE "k_id" = OLD."id" AND slot = 0; END;
CREATE TRIGGER "agent_sync_ak_jobs" AFTER UPDATE OF "id" ON "jobs" WHEN NOT EXISTS (SELECT 1 FROM agent_sync_applying) BEGIN UPDATE "agent_sync_outbox_jobs" SET code = NULL, constraint_name = NULL, rejected_at = NULL, kind = NULL, operation = NULL, found = NULL WHERE "k_id" = NEW."id" AND slot = 0 AND code IS NOT NULL AND (OLD."id" COLLATE BINARY IS NOT NEW."id"); UPDATE "agent_sync_outbox_jobs" SET edited_0 = edited_0 | ((NEW."title" IS NOT NULL OR "b_title" IS NOT NULL) << 1) | ((NEW."slot" IS NOT NULL OR "b_slot" IS NOT NULL) << 2) | ((NEW."updated_at" IS NOT NULL OR "b_updated_at" IS NOT NULL) << 3) | ((NEW."version" IS NOT NULL OR "b_version" IS NOT NULL) << 4) | ((NEW."deleted_at" IS NOT NULL OR "b_deleted_at" IS NOT NULL) << 5) WHERE "k_id" = NEW."id" AND slot = 0 AND (OLD."id" COLLATE BINARY IS NOT NEW."id"); END;
CREATE TRIGGER "agent_sync_ad_jobs" BEFORE DELETE ON "jobs" WHEN NOT EXISTS (SELECT 1 FROM agent_sync_applying) BEGIN INSERT INTO "agent_sync_outbox_jobs" ("k_id", has_base, "b_title", "b_slot", "b_updated_at", "b_version", "b_deleted_at") SELECT OLD."id", 1, OLD."title", OLD."slot", OLD."updated_at", OLD."version", OLD."deleted_at" WHERE OLD."id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "agent_sync_outbox_jobs" WHERE "k_id" = OLD."id" AND slot = 0); UPDATE "agent_sync_outbox_jobs" SET code = NULL, constraint_name = NULL, rejected_at = NULL, kind = NULL, operation = NULL, found = NULL WHERE "k_id" = OLD."id" AND slot = 0 AND code IS NOT NULL; END;
CREATE TRIGGER log_jobs AFTER UPDATE ON jobs BEGIN INSERT INTO log VALUES ('x slot = 0 '); END;
CREATE VIEW broken AS SELECT * FROM gone;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('agent_sync_outbox_jobs',14);
COMMIT;
