import { z } from "zod";

import { inFull, inFullAndCode, inMinimal, type Tool } from "../tool.ts";
import { flag, idOf, list, text } from "./arguments.ts";

const collectionId = idOf("collection");
const folderId = idOf("folder");
const requestId = idOf("request");
const responseId = idOf("saved response");

const reading = {
  ids: flag("Only ids."),
  uid: flag("Ids with their owner in front."),
  populate: flag("With everything that is inside."),
};

const method = z
  .enum([
    "GET",
    "PUT",
    "POST",
    "PATCH",
    "DELETE",
    "COPY",
    "HEAD",
    "OPTIONS",
    "LINK",
    "UNLINK",
    "PURGE",
    "LOCK",
    "UNLOCK",
    "PROPFIND",
    "VIEW",
  ])
  .optional();
const dataMode = z.enum(["raw", "urlencoded", "formdata", "binary", "graphql"]).nullable().optional();
const anything = z.looseObject({}).nullable().optional();
const string = z.string().nullable().optional();

const request = {
  name: z.string().optional(),
  description: string,
  method,
  url: string,
  headerData: list("Headers: key, value, description.").optional(),
  queryParams: list("Query: key, value, description, enabled.").optional(),
  dataMode,
  data: list("Fields of a form: key, value, type, enabled.").nullable().optional(),
  rawModeData: string.describe("The body as text."),
  graphqlModeData: anything,
  dataOptions: anything,
  auth: anything.describe('{"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]}'),
  events: list('Scripts: {"listen": "test", "script": {"exec": ["pm.test(…)"]}}').optional(),
};

const response = {
  name: z.string().optional(),
  description: string,
  url: string,
  method,
  headers: list("Headers: key and value.").optional(),
  dataMode,
  rawModeData: string,
  dataOptions: anything,
  responseCode: z.looseObject({}).optional().describe('{"code": 200, "name": "OK"}'),
  status: string,
  time: z.string().optional(),
  cookies: string,
  mime: string,
  text: z.string().optional().describe("The body that was answered."),
  language: z.string().optional(),
  rawDataType: string,
  requestObject: z.string().optional(),
};

const transfer = {
  ids: z.array(z.string()).describe("What goes."),
  mode: z.enum(["copy", "move"]),
  target: z.looseObject({ id: z.string(), model: z.enum(["collection", "folder", "request"]) }),
  location: z
    .looseObject({
      id: z.string().nullish(),
      model: z.string().nullish(),
      position: z.enum(["start", "end", "before", "after"]).optional(),
    })
    .describe("Where in the target: start, end, or before or after the element of this id."),
};

export const itemTools: readonly Tool[] = [
  {
    name: "createCollectionFolder",
    title: "Create a folder",
    description: "Adds a folder to a collection, or to another folder of it.",
    sets: inFull,
    call: "POST /collections/{collectionId}/folders",
    input: {
      collectionId,
      name: z.string().optional(),
      folder: text("Folder that it goes into.").optional(),
    },
  },
  {
    name: "getCollectionFolder",
    title: "Get a folder",
    description: "A folder of a collection.",
    sets: inFullAndCode,
    call: "GET /collections/{collectionId}/folders/{folderId}",
    input: { collectionId, folderId, ...reading },
  },
  {
    name: "updateCollectionFolder",
    title: "Change a folder",
    description: "Renames a folder or changes its description.",
    sets: inFull,
    call: "PUT /collections/{collectionId}/folders/{folderId}",
    input: { collectionId, folderId, name: z.string().optional(), description: z.string().optional() },
  },
  {
    name: "deleteCollectionFolder",
    title: "Delete a folder",
    description: "Deletes a folder and everything in it.",
    sets: inFull,
    call: "DELETE /collections/{collectionId}/folders/{folderId}",
    input: { collectionId, folderId },
  },
  {
    name: "createCollectionRequest",
    title: "Create a request",
    description: "Adds a request to a collection, or to a folder of it.",
    sets: inMinimal,
    call: "POST /collections/{collectionId}/requests",
    input: { collectionId, folder: text("Folder that it goes into.").optional(), ...request },
    query: ["folder"],
    next: "createCollectionResponse saves an example, which mocks answer with; runCollection runs it.",
  },
  {
    name: "getCollectionRequest",
    title: "Get a request",
    description: "A request of a collection.",
    sets: inFullAndCode,
    call: "GET /collections/{collectionId}/requests/{requestId}",
    input: { collectionId, requestId, ...reading },
  },
  {
    name: "updateCollectionRequest",
    title: "Change a request",
    description: "Changes what is sent and leaves the rest of a request.",
    sets: inMinimal,
    call: "PUT /collections/{collectionId}/requests/{requestId}",
    input: { collectionId, requestId, ...request },
    next: "runCollection or runMonitor shows whether it works.",
  },
  {
    name: "deleteCollectionRequest",
    title: "Delete a request",
    description: "Deletes a request and its saved responses.",
    sets: inFull,
    call: "DELETE /collections/{collectionId}/requests/{requestId}",
    input: { collectionId, requestId },
  },
  {
    name: "createCollectionResponse",
    title: "Save a response",
    description: "Adds a saved response (an example) to a request. Mocks answer with these.",
    sets: inMinimal,
    call: "POST /collections/{collectionId}/responses",
    input: { collectionId, request: idOf("request"), ...response },
    query: ["request"],
    next: "createMock serves the saved responses of a collection.",
  },
  {
    name: "getCollectionResponse",
    title: "Get a saved response",
    description: "A saved response of a request.",
    sets: inFullAndCode,
    call: "GET /collections/{collectionId}/responses/{responseId}",
    input: { collectionId, responseId, ...reading },
  },
  {
    name: "updateCollectionResponse",
    title: "Change a saved response",
    description: "Changes what is sent and leaves the rest of a saved response.",
    sets: inFull,
    call: "PUT /collections/{collectionId}/responses/{responseId}",
    input: { collectionId, responseId, ...response },
  },
  {
    name: "deleteCollectionResponse",
    title: "Delete a saved response",
    description: "Deletes a saved response.",
    sets: inFull,
    call: "DELETE /collections/{collectionId}/responses/{responseId}",
    input: { collectionId, responseId },
  },
  {
    name: "transferCollectionFolders",
    title: "Copy or move folders",
    description: "Copies or moves folders between and inside collections.",
    sets: inFull,
    call: "POST /collection-folders-transfers",
    input: transfer,
  },
  {
    name: "transferCollectionRequests",
    title: "Copy or move requests",
    description: "Copies or moves requests between and inside collections.",
    sets: inFull,
    call: "POST /collection-requests-transfers",
    input: transfer,
  },
  {
    name: "transferCollectionResponses",
    title: "Copy or move saved responses",
    description: "Copies or moves saved responses between requests.",
    sets: inFull,
    call: "POST /collection-responses-transfers",
    input: transfer,
  },
];
