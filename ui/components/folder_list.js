// The operator's folders and the work on one, which the server does whether or not this page is open.
// props.value is what ui/render/own_folders.py gives. 'look' asks for it again: each second while there is work, else
// now and then while the list is in sight, since another page may have begun some.
const root = element.querySelector(".own-folders");
const part = (name) => root.querySelector(name);
const make = (tag, fields) => Object.assign(document.createElement(tag), fields);
part(".stop").textContent = constants.stop;
part(".track").ariaLabel = constants.progress;
part("ul").ariaLabel = constants.folders;
part(".none").textContent = constants.none;
part(".stop").addEventListener("click", () => {
  part(".stop").disabled = true;
  tell("stop");
});

const button = (text, { title }, onClick) => {
  const made = make("button", {
    type: "button", textContent: text, ariaLabel: constants.of.replace("ACTION", text).replace("TITLE", title),
  });
  made.addEventListener("click", onClick);
  return made;
};
const buttons = (folder, busy) => {
  const row = make("div", { className: "actions" });
  const offer = () => {
    const link = make("a", { href: folder.search, textContent: constants.search, className: "search" });
    const again = button(folder.is_finished ? constants.update : constants.resume, folder, () =>
      tell("update", { name: folder.name }));
    const remove = button(constants.remove, folder, () => {
      const keep = button(constants.no, folder, () => {
        offer();
        row.lastChild.focus();
      });
      const sure = button(constants.yes, folder, () => tell("remove", { name: folder.name }));
      sure.className = "sure";
      row.replaceChildren(make("span", { textContent: constants.sure }), sure, keep);
      keep.focus();
    });
    again.disabled = busy;
    row.replaceChildren(...(folder.search ? [link] : []), ...(folder.read ? [] : [again, remove]));
  };
  offer();
  return row;
};
const build = (folder, busy) => {
  const item = make("li", {});
  const about = make("div", { className: "about" });
  about.append(
    make("h3", { textContent: folder.title }),
    make("p", { className: "path", textContent: folder.folder }),
    make("p", { className: "line", textContent: folder.line }),
  );
  item.append(about, buttons(folder, busy));
  return item;
};

// What is read aloud: each tenth of the work, and how it ends; not each photo.
let spoken = "";
const speak = (key, text) => {
  if (key !== spoken) part(".said").textContent = text;
  spoken = key;
};

let listed = "";
let waiting;
const draw = () => {
  const { job, ended, folders } = props.value ?? {};
  if (!folders) return;
  part(".job").hidden = !job;
  if (job) {
    const percent = Math.round(100 * (job.share ?? 0));
    part(".job h3").textContent = job.title;
    part(".job .line").textContent = job.line;
    part(".stop").disabled = job.stopping;
    part(".track").classList.toggle("unknown", job.share === null);
    part(".track span").style.width = `${percent}%`;
    if (job.share === null) part(".track").removeAttribute("aria-valuenow");
    else part(".track").setAttribute("aria-valuenow", percent);
    part(".track").setAttribute("aria-valuetext", job.line);
    speak(`${job.title} ${job.share === null ? -1 : Math.floor(percent / 10)} ${job.stopping}`, `${job.title}. ${job.line}`);
  }
  part(".ended").hidden = !ended;
  if (ended) {
    part(".ended").dataset.how = ended.how;
    part(".ended .line").textContent = ended.line;
    part(".ended .left-out").textContent = ended.left_out;
    Object.assign(part(".ended a"), { hidden: !ended.search, href: ended.search, textContent: constants.search });
    speak(ended.line, `${ended.line} ${ended.left_out}`);
  }
  const now = JSON.stringify([folders, Boolean(job)]);
  if (now !== listed) part("ul").replaceChildren(...folders.map((folder) => build(folder, Boolean(job))));
  listed = now;
  part(".none").hidden = folders.length > 0;
  clearTimeout(waiting);
  waiting = setTimeout(look, job ? constants.interval : constants.idle);
};
const look = () => {
  if (!element.isConnected) return;
  clearTimeout(waiting);
  waiting = setTimeout(look, 2 * constants.idle); // should no answer come
  if (props.value?.job || (element.offsetParent && !document.hidden)) {
    tell("look", { version: props.value?.version });
  }
};
watch("value", draw);
draw();
