-- The tables of django-celery-beat 2.8 as its migrations make them in SQLite.
CREATE TABLE "django_celery_beat_clockedschedule" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "clocked_time" datetime NOT NULL);
CREATE TABLE "django_celery_beat_crontabschedule" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "minute" varchar(240) NOT NULL, "hour" varchar(96) NOT NULL,
  "day_of_week" varchar(64) NOT NULL, "day_of_month" varchar(124) NOT NULL, "month_of_year" varchar(64) NOT NULL,
  "timezone" varchar(63) NOT NULL);
CREATE TABLE "django_celery_beat_intervalschedule" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "every" integer NOT NULL, "period" varchar(24) NOT NULL);
CREATE TABLE "django_celery_beat_periodictasks" (
  "ident" smallint NOT NULL PRIMARY KEY, "last_update" datetime NOT NULL);
CREATE TABLE "django_celery_beat_solarschedule" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "event" varchar(24) NOT NULL, "latitude" decimal NOT NULL,
  "longitude" decimal NOT NULL);
CREATE TABLE "django_celery_beat_periodictask" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(200) NOT NULL UNIQUE, "task" varchar(200) NOT NULL,
  "args" text NOT NULL, "kwargs" text NOT NULL, "queue" varchar(200) NULL, "exchange" varchar(200) NULL,
  "routing_key" varchar(200) NULL, "expires" datetime NULL, "enabled" bool NOT NULL, "last_run_at" datetime NULL,
  "total_run_count" integer unsigned NOT NULL CHECK ("total_run_count" >= 0), "date_changed" datetime NOT NULL,
  "description" text NOT NULL,
  "crontab_id" integer NULL REFERENCES "django_celery_beat_crontabschedule" ("id") DEFERRABLE INITIALLY DEFERRED,
  "interval_id" integer NULL REFERENCES "django_celery_beat_intervalschedule" ("id") DEFERRABLE INITIALLY DEFERRED,
  "solar_id" integer NULL REFERENCES "django_celery_beat_solarschedule" ("id") DEFERRABLE INITIALLY DEFERRED,
  "one_off" bool NOT NULL, "start_time" datetime NULL, "priority" integer unsigned NULL CHECK ("priority" >= 0),
  "headers" text NOT NULL,
  "clocked_id" integer NULL REFERENCES "django_celery_beat_clockedschedule" ("id") DEFERRABLE INITIALLY DEFERRED,
  "expire_seconds" integer unsigned NULL CHECK ("expire_seconds" >= 0));

INSERT INTO "django_celery_beat_crontabschedule" VALUES
  (1, '0', '4', '*', '*', '*', 'UTC'),
  (2, '30', '7', 'mon-fri', '*', '*', 'Europe/Paris'),
  (3, '0', '9', '1', '1-7', '*', 'UTC'),
  (4, '0', '22-2/2', 'fri-mon', '*', '1,7', 'America/New_York'),
  (5, '[0, 30]', '*', '*', '*', '*', 'UTC'),
  (6, '61', '*', '*', '*', '*', 'UTC');
INSERT INTO "django_celery_beat_intervalschedule" VALUES
  (1, 10, 'seconds'), (2, 90, 'minutes'), (3, 500000, 'microseconds'), (4, 1500000, 'microseconds');
INSERT INTO "django_celery_beat_solarschedule" VALUES (1, 'sunrise', 52.52, 13.405);
INSERT INTO "django_celery_beat_clockedschedule" VALUES (1, '2026-12-24 18:00:00'), (2, '2020-01-01 00:00:00');
INSERT INTO "django_celery_beat_periodictask" VALUES
  (1, 'celery.backend_cleanup', 'celery.backend_cleanup', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00.123456', '', 1, NULL, NULL, 0, NULL, NULL, '{}', NULL, 43200),
  (2, 'weekday report', 'shop.tasks.report', '["daily"]', '{"to": "ann@example.com"}', 'reports', NULL, NULL, NULL, 1,
   '2026-11-20 06:30:00', 12, '2026-11-01 10:00:00', 'For the shop.', 2, NULL, NULL, 0, NULL, 9, '{}', NULL, 600),
  (3, 'first monday', 'shop.tasks.report', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', 3, NULL, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (4, 'nights', 'shop.tasks.report', '[]', '{}', NULL, NULL, NULL, NULL, 0, NULL, 0,
   '2026-11-01 10:00:00', '', 4, NULL, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (5, 'poll', 'shop.tasks.poll', '[]', '{}', NULL, 'events', 'a.b', '2027-01-01 00:00:00', 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, 1, NULL, 0, '2026-12-01 08:00:00', NULL, '{"x": 1}', NULL, NULL),
  (6, 'once', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, 2, NULL, 1, NULL, NULL, '{}', NULL, NULL),
  (7, 'too fast', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, 3, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (8, 'odd step', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, 4, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (9, 'sunrise', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, NULL, 1, 0, NULL, NULL, '{}', NULL, NULL),
  (10, 'christmas', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, NULL, NULL, 1, NULL, NULL, '{}', 1, NULL),
  (11, 'long ago', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, NULL, NULL, 1, NULL, NULL, '{}', 2, NULL),
  (12, 'bad args', 'shop.tasks.poll', '[1,', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, 1, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (13, 'no schedule', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', NULL, NULL, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (14, 'half hours', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', 5, NULL, NULL, 0, NULL, NULL, '{}', NULL, NULL),
  (15, 'bad minute', 'shop.tasks.poll', '[]', '{}', NULL, NULL, NULL, NULL, 1, NULL, 0,
   '2026-11-01 10:00:00', '', 6, NULL, NULL, 0, NULL, NULL, '{}', NULL, NULL);
