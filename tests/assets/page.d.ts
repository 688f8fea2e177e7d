/** What the page gives to every module beside the browser's own names. */

/** setTimeout and clearTimeout, or their stand-ins in tests. */
interface Timers {
  set(fn: () => void, ms: number): any;
  clear(id: any): void;
}

interface Window {
  /** Read by assets/bridge.js and by tests in a real browser. */
  kd: any;
}

declare var Plotly: any;
