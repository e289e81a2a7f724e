CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" integer NOT NULL,
	"name" text NOT NULL,
	"key_hash" text NOT NULL,
	"prefix" text NOT NULL,
	"scopes" text[],
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "api_keys_key_hash_unique" UNIQUE("key_hash")
);

CREATE TABLE "audit_records" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_records_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_id" integer,
	"via" text NOT NULL,
	"action" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"change" jsonb
);

CREATE TABLE "collections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"owner_id" integer NOT NULL,
	"updated_by" integer NOT NULL,
	"name" text NOT NULL,
	"document" json NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "environments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"owner_id" integer NOT NULL,
	"name" text NOT NULL,
	"values" json NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "executions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"monitor_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"slot_at" timestamp with time zone,
	"triggered_by" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"outcome" text
);

CREATE TABLE "monitor_runners" (
	"monitor_id" uuid NOT NULL,
	"runner_id" uuid NOT NULL,
	CONSTRAINT "monitor_runners_monitor_id_runner_id_pk" PRIMARY KEY("monitor_id","runner_id")
);

CREATE TABLE "monitors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"owner_id" integer NOT NULL,
	"name" text NOT NULL,
	"collection_id" uuid NOT NULL,
	"environment_id" uuid,
	"active" boolean DEFAULT true NOT NULL,
	"cron" text,
	"timezone" text DEFAULT 'UTC' NOT NULL,
	"next_run_at" timestamp with time zone,
	"overlap_policy" text DEFAULT 'skip' NOT NULL,
	"catch_up_policy" text DEFAULT 'last' NOT NULL,
	"options" jsonb NOT NULL,
	"notifications" jsonb NOT NULL,
	"notification_limit" integer,
	"retry_attempts" integer,
	"failure_streak" integer DEFAULT 0 NOT NULL,
	"state" text,
	"state_since" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE "run_events" (
	"run_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"first_seq" integer NOT NULL,
	"last_seq" integer NOT NULL,
	"steps" integer NOT NULL,
	"events" "bytea" NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_events_run_id_attempt_first_seq_pk" PRIMARY KEY("run_id","attempt","first_seq")
);

CREATE TABLE "run_hours" (
	"monitor_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"runner_id" uuid NOT NULL,
	"response_class" integer NOT NULL,
	"passed" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"errored" integer DEFAULT 0 NOT NULL,
	"aborted" integer DEFAULT 0 NOT NULL,
	"response_ms_sum" double precision DEFAULT 0 NOT NULL,
	CONSTRAINT "run_hours_monitor_id_hour_runner_id_response_class_pk" PRIMARY KEY("monitor_id","hour","runner_id","response_class")
);

CREATE TABLE "runner_instances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"runner_id" uuid NOT NULL,
	"unique_id" text NOT NULL,
	"hostname" text NOT NULL,
	"version" text NOT NULL,
	"os_type" text NOT NULL,
	"concurrency" integer NOT NULL,
	"public_key" text NOT NULL,
	"clock_skew_ms" integer DEFAULT 0 NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_pinged_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stopped_at" timestamp with time zone
);

CREATE TABLE "runner_workspaces" (
	"runner_id" uuid NOT NULL,
	"workspace_id" uuid NOT NULL,
	CONSTRAINT "runner_workspaces_runner_id_workspace_id_pk" PRIMARY KEY("runner_id","workspace_id")
);

CREATE TABLE "runners" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"visibility" text NOT NULL,
	"key_hash" text NOT NULL,
	"created_by" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_pinged_at" timestamp with time zone,
	"last_reported_at" timestamp with time zone
);

CREATE TABLE "runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"execution_id" uuid NOT NULL,
	"monitor_id" uuid NOT NULL,
	"workspace_id" uuid NOT NULL,
	"runner_id" uuid,
	"status" text DEFAULT 'queued' NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"instance_id" uuid,
	"lease_expires_at" timestamp with time zone,
	"queued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"valid_until" timestamp with time zone NOT NULL,
	"claimed_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"after_execution_id" uuid,
	"acknowledged_seq" integer DEFAULT 0 NOT NULL,
	"highest_seq" integer DEFAULT 0 NOT NULL,
	"collection_revision" integer,
	"environment_revision" integer,
	"outcome" text,
	"reason" text,
	"detail" text,
	"steps_planned" integer,
	"requests_total" integer DEFAULT 0 NOT NULL,
	"requests_failed" integer DEFAULT 0 NOT NULL,
	"assertions_total" integer DEFAULT 0 NOT NULL,
	"assertions_failed" integer DEFAULT 0 NOT NULL,
	"errors_total" integer DEFAULT 0 NOT NULL,
	"response_ms_total" double precision DEFAULT 0 NOT NULL,
	"response_bytes_total" bigint DEFAULT 0 NOT NULL,
	"duration_ms" double precision,
	CONSTRAINT "runs_finished_has_outcome" CHECK (("runs"."status" = 'finished') = ("runs"."outcome" is not null))
);

CREATE TABLE "sessions" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"user_id" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);

CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);

CREATE TABLE "slots" (
	"monitor_id" uuid NOT NULL,
	"slot_at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"collapsed" integer DEFAULT 0 NOT NULL,
	"execution_id" uuid,
	"delay_ms" bigint,
	"decided_at" timestamp with time zone,
	CONSTRAINT "slots_monitor_id_slot_at_pk" PRIMARY KEY("monitor_id","slot_at")
);

CREATE TABLE "users" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "users_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1000001 CACHE 1),
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);

CREATE TABLE "workspaces" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"visibility" text NOT NULL,
	"description" text,
	"about" text DEFAULT '' NOT NULL,
	"created_by" integer NOT NULL,
	"updated_by" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "collections" ADD CONSTRAINT "collections_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "collections" ADD CONSTRAINT "collections_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "collections" ADD CONSTRAINT "collections_updated_by_users_id_fk" FOREIGN KEY ("updated_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "environments" ADD CONSTRAINT "environments_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "environments" ADD CONSTRAINT "environments_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "executions" ADD CONSTRAINT "executions_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "monitor_runners" ADD CONSTRAINT "monitor_runners_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "monitors" ADD CONSTRAINT "monitors_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "monitors" ADD CONSTRAINT "monitors_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "monitors" ADD CONSTRAINT "monitors_collection_id_collections_id_fk" FOREIGN KEY ("collection_id") REFERENCES "public"."collections"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "monitors" ADD CONSTRAINT "monitors_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE set null ON UPDATE no action;
ALTER TABLE "run_events" ALTER COLUMN "events" SET STORAGE EXTERNAL;
ALTER TABLE "run_events" ADD CONSTRAINT "run_events_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "run_hours" ADD CONSTRAINT "run_hours_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "runner_instances" ADD CONSTRAINT "runner_instances_runner_id_runners_id_fk" FOREIGN KEY ("runner_id") REFERENCES "public"."runners"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "runner_workspaces" ADD CONSTRAINT "runner_workspaces_runner_id_runners_id_fk" FOREIGN KEY ("runner_id") REFERENCES "public"."runners"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "runner_workspaces" ADD CONSTRAINT "runner_workspaces_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "runners" ADD CONSTRAINT "runners_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "runs" ADD CONSTRAINT "runs_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "runs" ADD CONSTRAINT "runs_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "slots" ADD CONSTRAINT "slots_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_updated_by_users_id_fk" FOREIGN KEY ("updated_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
CREATE INDEX "api_keys_user_id" ON "api_keys" USING btree ("user_id");
CREATE INDEX "audit_records_at" ON "audit_records" USING btree ("at");
CREATE INDEX "collections_workspace_id" ON "collections" USING btree ("workspace_id","name");
CREATE INDEX "environments_workspace_id" ON "environments" USING btree ("workspace_id","name");
CREATE UNIQUE INDEX "executions_slot" ON "executions" USING btree ("monitor_id","slot_at");
CREATE INDEX "executions_created_at" ON "executions" USING btree ("monitor_id","created_at");
CREATE INDEX "executions_open" ON "executions" USING btree ("monitor_id") WHERE "executions"."finished_at" is null;
CREATE INDEX "monitors_due" ON "monitors" USING btree ("next_run_at") WHERE "monitors"."active" and "monitors"."next_run_at" is not null;
CREATE INDEX "monitors_workspace_id" ON "monitors" USING btree ("workspace_id","id");
CREATE INDEX "monitors_collection_id" ON "monitors" USING btree ("collection_id");
CREATE UNIQUE INDEX "runner_instances_unique_id" ON "runner_instances" USING btree ("runner_id","unique_id");
CREATE INDEX "runner_instances_last_pinged_at" ON "runner_instances" USING btree ("runner_id","last_pinged_at");
CREATE INDEX "runs_queued" ON "runs" USING btree ("runner_id","queued_at") WHERE "runs"."status" = 'queued';
CREATE INDEX "runs_leased" ON "runs" USING btree ("lease_expires_at") WHERE "runs"."status" = 'leased';
CREATE INDEX "runs_execution_id" ON "runs" USING btree ("execution_id");
CREATE INDEX "runs_monitor" ON "runs" USING btree ("monitor_id","queued_at","outcome","duration_ms");
CREATE INDEX "sessions_user_id" ON "sessions" USING btree ("user_id");