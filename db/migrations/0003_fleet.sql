ALTER TABLE "runners" ADD COLUMN "previous_key_hash" text;
ALTER TABLE "runners" ADD COLUMN "previous_key_expires_at" timestamp with time zone;

ALTER TABLE "runner_instances" ADD COLUMN "key_hash" text;
ALTER TABLE "runner_instances" ADD COLUMN "protocol" integer;
ALTER TABLE "runner_instances" ADD COLUMN "drain_requested_at" timestamp with time zone;
ALTER TABLE "runner_instances" ADD COLUMN "self_test_at" timestamp with time zone;
ALTER TABLE "runner_instances" ADD COLUMN "self_test_failure" text;

ALTER TABLE "monitors" ADD COLUMN "rerun_lost" boolean DEFAULT false NOT NULL;

ALTER TABLE "runs" ADD COLUMN "pinned" boolean DEFAULT false NOT NULL;
ALTER TABLE "runs" ADD COLUMN "first_claimed_at" timestamp with time zone;

CREATE TABLE "run_attempts" (
	"run_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"detail" text,
	"runner_id" uuid,
	"instance_id" uuid,
	"claimed_at" timestamp with time zone,
	"ended_at" timestamp with time zone DEFAULT now() NOT NULL,
	"requests_total" integer NOT NULL,
	"requests_failed" integer NOT NULL,
	"assertions_total" integer NOT NULL,
	"assertions_failed" integer NOT NULL,
	"duration_ms" double precision,
	CONSTRAINT "run_attempts_run_id_attempt_pk" PRIMARY KEY("run_id","attempt")
);

ALTER TABLE "run_attempts" ADD CONSTRAINT "run_attempts_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;
