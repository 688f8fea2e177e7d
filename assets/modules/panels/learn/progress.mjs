/** How far somebody has come in each lesson, kept by the browser. Pure. */

const KEY = "kd-lessons";

/**
 * @typedef {{answer?: string|number, right?: boolean, shown?: number, done?: boolean, tries?: number, hints?: number}} StepRecord
 *   `answer`: place of a choice or the number predicted; `right`: what the model said of it, `shown`: its own number
 * @typedef {{at: number, steps: Record<string, StepRecord>}} LessonRecord  `at`: the step seen last
 */

/** @param {{get: (key: string) => string|null, set: (key: string, value: string) => void}} preferences */
export function createProgress(preferences) {
  function all() {
    try {
      const kept = JSON.parse(preferences.get(KEY) ?? "{}");
      return kept && typeof kept === "object" && !Array.isArray(kept) ? kept : {};
    } catch {
      return {};
    }
  }

  /** @returns {LessonRecord} */
  function of(id) {
    const kept = all()[id];
    const steps = kept?.steps && typeof kept.steps === "object" ? kept.steps : {};
    return { at: Number.isInteger(kept?.at) && kept.at >= 0 ? kept.at : 0, steps };
  }

  const put = (id, record) => preferences.set(KEY, JSON.stringify({ ...all(), [id]: record }));

  return {
    of,
    step: (id, k) => of(id).steps[k] ?? {},
    /** Change what is known of a step. */
    note(id, k, /** @type {StepRecord} */ patch) {
      const record = of(id);
      put(id, { ...record, steps: { ...record.steps, [k]: { ...record.steps[k], ...patch } } });
    },
    /** The step that is on show. */
    enter: (id, k) => put(id, { ...of(id), at: k }),
    /** Forget a step's answers. */
    forget(id, k) {
      const { [k]: _, ...rest } = of(id).steps;
      put(id, { ...of(id), steps: rest });
    },
    doneCount: (id, steps) => Array.from({ length: steps }, (_, k) => of(id).steps[k]?.done).filter(Boolean).length,
  };
}
