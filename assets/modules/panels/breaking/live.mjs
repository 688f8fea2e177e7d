/** Asks a little after the last change; an older question is no longer waited for. */

const WAIT_MS = 120;

/** @param {{ask: (body: object, signal: AbortSignal) => Promise<any>, onAnswer: (answer: any) => void, onError: (error: Error) => void}} parts */
export function createLive({ ask, onAnswer, onError }) {
  let timer = null;
  let request = null;
  let last = "";

  async function go(body) {
    request?.abort();
    const mine = (request = new AbortController());
    try {
      const answer = await ask(body, mine.signal);
      if (request === mine) onAnswer(answer);
    } catch (error) {
      if (request === mine && error.name !== "AbortError") onError(error);
    }
  }

  return {
    /** Whether anything was asked since the start. */
    get asked() { return last !== ""; },
    /** Ask this, unless it is what was asked last. */
    now(body) {
      const key = JSON.stringify(body);
      if (key === last) return;
      last = key;
      clearTimeout(timer);
      timer = setTimeout(() => go(body), WAIT_MS);
    },
    /** Forget what was asked. */
    reset() {
      clearTimeout(timer);
      request?.abort();
      request = null;
      last = "";
    },
  };
}
