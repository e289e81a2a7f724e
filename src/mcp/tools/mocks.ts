import { z } from "zod";

import { inFull, inMinimal, type Tool } from "../tool.ts";
import { cursor, document, idOf, text } from "./arguments.ts";

const mockId = idOf("mock");
const serverResponseId = text("Id of the server response.");
const serverResponse = document(
  "name, statusCode (500 to 599), headers [{key, value}], language (text, javascript, json, html, xml) and body.",
).optional();

export const mockTools: readonly Tool[] = [
  {
    name: "getMocks",
    title: "List mocks",
    description: "The mock servers of a workspace, with their URLs.",
    sets: inMinimal,
    call: "GET /mocks",
    input: { teamId: z.string().optional(), workspace: idOf("workspace").optional() },
  },
  {
    name: "getMock",
    title: "Get a mock",
    description: "A mock server: its URL, collection and configuration.",
    sets: inMinimal,
    call: "GET /mocks/{mockId}",
    input: { mockId },
  },
  {
    name: "createMock",
    title: "Create a mock",
    description: "Serves the saved responses of a collection under a URL. A private one asks for an API key.",
    sets: inMinimal,
    call: "POST /mocks",
    input: {
      workspace: idOf("workspace"),
      mock: document("collection (its uid), and if you like environment, name and private.").optional(),
    },
    query: ["workspace"],
    next: "call its mockUrl with the path of a saved response; createCollectionResponse adds more.",
  },
  {
    name: "updateMock",
    title: "Change a mock",
    description: "Changes a mock server; send private: true again if it is to stay private.",
    sets: inMinimal,
    call: "PUT /mocks/{mockId}",
    input: {
      mockId,
      mock: document("collection, name, environment, description, private, versionTag, config.").optional(),
    },
  },
  {
    name: "deleteMock",
    title: "Delete a mock",
    description: "Deletes a mock server; its URL answers no more.",
    sets: inFull,
    call: "DELETE /mocks/{mockId}",
    input: { mockId },
  },
  {
    name: "publishMock",
    title: "Publish a mock",
    description: "Makes a mock server public: it answers without a key.",
    sets: inMinimal,
    call: "POST /mocks/{mockId}/publish",
    input: { mockId },
  },
  {
    name: "unpublishMock",
    title: "Make a mock private",
    description: "Makes a mock server private: it asks for an API key.",
    sets: inFull,
    call: "DELETE /mocks/{mockId}/unpublish",
    input: { mockId },
  },
  {
    name: "getMockServerResponses",
    title: "List server responses of a mock",
    description: "Answers with 5xx that a mock can give to everything, to simulate an outage.",
    sets: inFull,
    call: "GET /mocks/{mockId}/server-responses",
    input: { mockId },
  },
  {
    name: "getMockServerResponse",
    title: "Get a server response of a mock",
    description: "One such answer with its body.",
    sets: inFull,
    call: "GET /mocks/{mockId}/server-responses/{serverResponseId}",
    input: { mockId, serverResponseId },
  },
  {
    name: "createMockServerResponse",
    title: "Create a server response of a mock",
    description: "Adds an answer with 5xx; updateMock with config.serverResponseId switches it on.",
    sets: inFull,
    call: "POST /mocks/{mockId}/server-responses",
    input: { mockId, serverResponse },
    next: 'switch it on with updateMock, config {"serverResponseId": "<id>"}; null switches it off.',
  },
  {
    name: "updateMockServerResponse",
    title: "Change a server response of a mock",
    description: "Changes such an answer.",
    sets: inFull,
    call: "PUT /mocks/{mockId}/server-responses/{serverResponseId}",
    input: { mockId, serverResponseId, serverResponse },
  },
  {
    name: "deleteMockServerResponse",
    title: "Delete a server response of a mock",
    description: "Deletes such an answer.",
    sets: inFull,
    call: "DELETE /mocks/{mockId}/server-responses/{serverResponseId}",
    input: { mockId, serverResponseId },
  },
  {
    name: "getMockCallLogs",
    title: "Get calls of a mock",
    description: "What called a mock server and what it answered, newest first.",
    sets: inFull,
    call: "GET /mocks/{mockId}/call-logs",
    input: {
      mockId,
      limit: z.int().min(1).max(100).optional(),
      cursor,
      since: z.string().optional(),
      until: z.string().optional(),
      responseStatusCode: z.int().optional(),
      requestMethod: z.string().optional(),
      requestPath: z.string().optional(),
    },
  },
];
