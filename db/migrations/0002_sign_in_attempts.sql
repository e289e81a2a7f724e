CREATE TABLE "sign_in_attempts" (
	"email_hash" text NOT NULL,
	"address" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);

CREATE INDEX "sign_in_attempts_subject" ON "sign_in_attempts" USING btree ("email_hash","address");
CREATE INDEX "sign_in_attempts_at" ON "sign_in_attempts" USING btree ("at");
