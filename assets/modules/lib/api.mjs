/** The only caller of the server's HTTP interface. */

/** A request that failed: `offline` when no answer came at all, else the server's sentence. */
export class ApiError extends Error {
  constructor(message, { status = 0, where = "", answer = null } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.where = where;
    this.answer = answer;
  }

  get offline() {
    // A server that is busy says so itself; a proxy before one that is away does not.
    return this.status === 0 || ((this.status === 502 || this.status === 503 || this.status === 504) && !this.answer);
  }
}

const SAFE_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** Ids end up in paths: refuse anything that could leave its place. */
export function pathId(id) {
  if (!SAFE_ID.test(id)) throw new ApiError(`“${id}” is not an id.`, { status: 400 });
  return encodeURIComponent(id);
}

/** This open page among those that ask the server: they take turns there. */
const PAGE = `page-${[...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("-")}`;
let asked = 0;

/** Where work waits its turn on the server: a newer question of one sort replaces the older. */
const turn = () => ({ "X-Page": PAGE, "X-Asking": String(++asked) });

/** A refusal comes as an ordinary answer with its status beside it: a browser reports any other as an error of the page. */
const AS_ANSWER = { "X-Refusals": "answer" };
const refusedBy = (response) => Number(response.headers.get("X-Refused")) || (response.ok ? 0 : response.status);

/**
 * @typedef {{body?: object, raw?: BodyInit, headers?: Record<string, string>, signal?: AbortSignal, binary?: boolean}} Options
 * @typedef {object} Http  the verbs of one server
 * @property {(path: string, options?: Options) => Promise<any>} get
 * @property {(path: string, body?: object, options?: Options) => Promise<any>} post
 * @property {(path: string, body: object) => Promise<any>} put
 * @property {(path: string) => Promise<any>} remove
 * @property {(path: string, name: string, bytes: BodyInit) => Promise<any>} send  a file as it is, under its own name
 */

/**
 * @param {typeof fetch} fetcher
 * @returns {Http}
 */
function createHttp(fetcher) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {Options} [options]
   */
  async function request(method, path, { body, raw, headers = {}, signal, binary = false } = {}) {
    const sent = {
      method,
      signal,
      headers: { ...AS_ANSWER, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    };
    try {
      const response = await fetcher(path, sent);
      const refused = refusedBy(response);
      if (refused) throw await failure(response, refused);
      if (binary) return await response.arrayBuffer();
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      // A server can die in the middle of an answer as well as before it.
      if (error.name === "AbortError" || error instanceof ApiError) throw error;
      throw new ApiError("The server does not answer.");
    }
  }

  return {
    get: (path, options) => request("GET", path, options),
    post: (path, body, options) => request("POST", path, { body, ...options }),
    put: (path, body) => request("PUT", path, { body }),
    remove: (path) => request("DELETE", path),
    send: (path, name, bytes) =>
      request("POST", path, { raw: bytes, headers: { "Content-Type": "application/octet-stream", "X-Filename": encodeURIComponent(name) } }),
  };
}

/** The server's sentence of why it refused, or ours by the status where it has none. */
async function failure(response, status) {
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    // not ours: a proxy or an error page
  }
  const message = answer?.error?.message ?? plainStatus(status);
  return new ApiError(message, { status, where: answer?.error?.where ?? "", answer });
}

/** Circuits: the examples, those that are kept, and files that become one. @param {Http} http */
const circuitCalls = ({ get, post, put, remove, send }) => ({
  gallery: () => get("/api/gallery"),
  galleryItem: (id) => get(`/api/gallery/${pathId(id)}`),
  galleryDrawing: (id) => get(`/api/gallery/${pathId(id)}?sim=0`),
  circuits: () => get("/api/circuits"),
  createCircuit: (circuit, id) => post("/api/circuits", id ? { circuit, id } : { circuit }),
  circuit: (id) => get(`/api/circuits/${pathId(id)}`),
  saveCircuit: (id, body) => put(`/api/circuits/${pathId(id)}`, body),
  deleteCircuit: (id) => remove(`/api/circuits/${pathId(id)}`),
  versions: (id) => get(`/api/circuits/${pathId(id)}/versions`),
  keepVersion: (id) => post(`/api/circuits/${pathId(id)}/versions`, {}),
  importFile: (name, bytes) => send("/api/import", name, bytes),
  circuitFile: (to, body) => post(`/api/one-file/${to}`, body, { binary: true, headers: turn() }),
});

/** What is computed: trajectories, flows, curves, gradients. @param {Http} http */
const simulationCalls = ({ get, post }) => ({
  simulate: (circuit, settings, signal) => post("/api/sim", { circuit, settings }, { signal, headers: turn() }),
  flow: (circuit, signal) => post("/api/flow", { circuit }, { signal, headers: turn() }),
  portraits: (circuit, signal) => post("/api/portraits", { circuit }, { signal, headers: turn() }),
  simulateNetwork: (id, voltages, settings, signal) =>
    post(`/api/networks/${pathId(id)}/sim`, { voltages: voltages && Array.from(voltages), settings }, { signal, headers: turn() }),
  binary: (url, signal) => get(url, { binary: true, signal }),
  curve: (body, signal) => post("/api/curve", body, { signal }),
  operatingPoint: (body, signal) => post("/api/operating-point", body, { signal, headers: turn() }),
  frequencyResponse: (body, signal) => post("/api/frequency-response", body, { signal, headers: turn() }),
  nudge: (body) => post("/api/nudge", body, { headers: turn() }),
  gradientCheck: (body) => post("/api/gradient-check", body, { headers: turn() }),
});

/** Lessons: those there are, and a file that lies nowhere. @param {Http} http */
const lessonCalls = ({ get, send }) => ({
  lessons: () => get("/api/lessons"),
  lesson: (id) => get(`/api/lessons/${pathId(id)}`),
  readLesson: (name, bytes) => send("/api/lessons", name, bytes),
});

/** Data sets and the files they read. @param {Http} http */
const dataCalls = ({ get, post, send }) => ({
  dataFiles: (dataset) => get(`/api/datasets/${pathId(dataset)}/files`),
  sendData: (dataset, name, bytes) => send(`/api/datasets/${pathId(dataset)}/files`, name, bytes),
  previewData: (dataset, options, model, signal, recipe = "") => post(`/api/datasets/${pathId(dataset)}/preview`, { options, model, recipe }, { signal }),
});

/** Trainings and what they leave. @param {Http} http */
const runCalls = ({ get, post, remove }) => ({
  run: (id) => get(`/api/runs/${pathId(id)}`),
  runsTable: (after, signal) => get(`/api/runs/table?after=${encodeURIComponent(after)}`, { signal }),
  runLive: (id, known, after, signal) => get(`/api/runs/${pathId(id)}/live?known=${known}&after=${encodeURIComponent(after)}`, { signal }),
  runOutcome: (id, epoch, theme, view, signal) =>
    get(`/api/runs/${pathId(id)}/outcomes/${encodeURIComponent(epoch)}?theme=${encodeURIComponent(theme)}&view=${encodeURIComponent(view)}`, { signal }),
  stopRun: (id) => post(`/api/runs/${pathId(id)}/stop`),
  resumeRun: (id) => post(`/api/runs/${pathId(id)}/resume`),
  deleteRun: (id) => remove(`/api/runs/${pathId(id)}`),
  runWeights: (id) => get(`/api/runs/${pathId(id)}/weights`, { binary: true }),
  runLane: (id, body) => post(`/api/runs/${pathId(id)}/lane`, body, { headers: turn() }),
  runLanding: (id, body, signal) => post(`/api/runs/${pathId(id)}/landing`, body, { binary: true, signal, headers: turn() }),
  runFile: (id, to) => get(`/api/runs/${pathId(id)}/one-file/${to}`, { binary: true }),
  runBroken: (id, body, signal) => post(`/api/runs/${pathId(id)}/broken`, body, { signal, headers: turn() }),
  editRun: (id, change) => post(`/api/runs/${pathId(id)}/edits`, change, { headers: turn() }),
  runCircuit: (id, epoch = null) => get(`/api/runs/${pathId(id)}/circuit${epoch === null ? "" : `?epoch=${encodeURIComponent(epoch)}`}`),
  runFrames: (id) => get(`/api/runs/${pathId(id)}/frames`),
  runFrame: (id, epoch, signal) => get(`/api/runs/${pathId(id)}/frames/${encodeURIComponent(epoch)}.bin`, { binary: true, signal }),
});

/** Searches over settings of a training. @param {Http} http */
const sweepCalls = ({ get }) => ({
  sweeps: (signal) => get("/api/sweeps", { signal }),
  sweep: (id, after, theme, signal) => get(`/api/sweeps/${pathId(id)}?after=${encodeURIComponent(after)}&theme=${encodeURIComponent(theme)}`, { signal }),
});

/** @param {typeof fetch} [fetcher] */
export function createApi(fetcher = (...args) => fetch(...args)) {
  const http = createHttp(fetcher);
  return {
    health: () => http.get("/api/health"),
    registry: () => http.get("/api/registry"),
    help: () => http.get("/api/help"),
    ...circuitCalls(http), ...simulationCalls(http), ...dataCalls(http), ...runCalls(http), ...sweepCalls(http), ...lessonCalls(http),
  };
}

function plainStatus(status) {
  if (status === 404) return "The server does not know this.";
  if (status === 413) return "This is too large for the server.";
  if (status >= 500) return "The server failed on this request; its log says why.";
  return `The server refused this request (${status}).`;
}
