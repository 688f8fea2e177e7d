/** Lessons as the rest of the page knows them; what plays them is fetched when the first one opens. */

import { createLessonList } from "./lesson_list.mjs";
import { createProgress } from "./progress.mjs";

const OWN_FILE = "own-file";
const OWN_KEY = "kd-lesson-file";

/** Whether a dropped file is a lesson. Pure. */
export const isLesson = (name) => /\.(md|markdown)$/i.test(name);

/**
 * @param {{core: any}} parts
 * @returns {{connect: (bench: any, follow: any) => void, list: (root: string) => void, open: (id: string, step: number|null) => Promise<void>, leave: () => void, take: (file: File) => boolean}}
 */
export function createLessons({ core }) {
  const { api, toast, preferences } = core;
  const progress = createProgress(preferences);
  const list = createLessonList({ api, progress, open: (id) => parts.bench.pages.goLesson(id, progress.of(id).at + 1) });
  const parts = { bench: null, follow: null };
  const known = new Map(); // lessons by id
  let learn = null;
  let wanted = null;

  /** A file that somebody opened here lies nowhere on the server: its text is kept by the browser. */
  async function lessonOf(id) {
    if (id !== OWN_FILE) return api.lesson(id);
    const kept = JSON.parse(preferences.get(OWN_KEY) ?? "null");
    if (!kept) throw new Error("Open the lesson's file once more.");
    return api.readLesson(kept.name, new TextEncoder().encode(kept.text));
  }

  async function open(id, step) {
    const mine = (wanted = {});
    try {
      if (!known.has(id)) known.set(id, await lessonOf(id));
      learn ??= new (await import("./learn.mjs")).Learn({ core, ...parts, progress });
      if (wanted === mine) await learn.show(known.get(id), step === null ? progress.of(id).at : step - 1);
    } catch (error) {
      if (wanted !== mine) return;
      toast(error.message, "error");
      parts.bench.pages.goLearn();
    }
  }

  async function read(file) {
    try {
      const text = await file.text();
      const lesson = await api.readLesson(file.name, new TextEncoder().encode(text));
      preferences.set(OWN_KEY, JSON.stringify({ name: file.name, text }));
      known.set(OWN_FILE, lesson);
      parts.bench.pages.goLesson(OWN_FILE, 1);
    } catch (error) {
      toast(error.message, "error");
    }
  }

  return {
    connect: (bench, follow) => Object.assign(parts, { bench, follow }),
    list: list.fill,
    open,
    leave() {
      wanted = null;
      learn?.leave();
      known.clear(); // a teacher edits a file and opens it again
    },
    take(file) {
      if (!isLesson(file.name)) return false;
      read(file);
      return true;
    },
  };
}
