import type { Step } from "./story.ts";

/** Users, invitations, keys, the trail. */
export const peopleStory: Step[] = [
  { call: "GET /users" },
  {
    call: "POST /users/invitations",
    body: { invitation: { email: "late@example.test" } },
    keep: (body) => ({ invitations: body.invitation.id }),
  },
  { call: "GET /users/invitations" },
  { call: "GET /users/{users}" },
  { call: "PUT /users/{users}", body: { user: { name: "Someone else" } } },
  { call: "POST /users/{users}/password-resets" },
  { call: "DELETE /users/{users}/sessions" },
  { call: "GET /teams", keep: (body) => ({ teams: String(body.data[0].id) }) },
  { call: "GET /teams/{teams}" },
  { call: "GET /groups", keep: () => ({ groups: "1" }) },
  { call: "GET /workspaces-roles" },
  { call: "GET /workspaces/{workspaces}/roles" },
  {
    call: "PATCH /workspaces/{workspaces}/roles",
    body: [{ op: "add", path: "/user", value: [{ id: "<users>", role: "2" }] }],
    headers: { "content-type": "application/json-patch+json" },
  },
  { call: "PUT /workspaces/{workspaces}/tags", body: { tags: ["needs-review"] } },
  { call: "GET /workspaces/{workspaces}/tags", keep: () => ({ tags: "needs-review" }) },
  { call: "GET /tags/{tags}/entities" },
  { call: "GET /workspaces/{workspaces}/activities" },
  {
    call: "POST /workspaces/{workspaces}/updates",
    body: { topic: "News", description: "Something new", category: "announcement" },
    keep: (body) => ({ updates: String(body.id) }),
  },
  { call: "GET /workspaces/{workspaces}/updates" },
  { call: "GET /workspaces/{workspaces}/updates/{updates}" },
  { call: "PATCH /workspaces/{workspaces}/updates/{updates}", body: { topic: "Newer" } },
  {
    call: "POST /keys",
    body: { apiKey: { name: "Contract key" } },
    keep: (body) => ({ keys: body.apiKey.id }),
  },
  { call: "GET /keys" },
  { call: "PATCH /keys/{keys}", body: { apiKey: { name: "Renamed" } } },
  { call: "GET /keys/{keys}/calls" },
  { call: "GET /audit/logs" },
  { call: "GET /audit-actions" },
];

export const peopleEnd: Step[] = [
  { call: "DELETE /workspaces/{workspaces}/updates/{updates}" },
  { call: "DELETE /keys/{keys}" },
  { call: "DELETE /users/invitations/{invitations}" },
  { call: "DELETE /users/{users}" },
];
