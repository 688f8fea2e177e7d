/** The one script of a page that plays by itself that stands there as it is: unpacks its style and its code, which the page's policy knows by their hashes. */

async function load() {
  const packed = document.getElementById("page-code").textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [style, curves, page] = await new Response(stream).json();
  document.head.append(
    Object.assign(document.createElement("style"), { textContent: style }),
    Object.assign(document.createElement("script"), { textContent: curves }),
    Object.assign(document.createElement("script"), { type: "module", textContent: page }),
  );
}

load().catch(() => {
  document.getElementById("page-wait").textContent = "This page needs a browser of 2023 or later.";
});
