// Says that only a part of the map is searched, and takes that back.
const token = element.querySelector(".area-token");
const button = token.querySelector("button");
token.querySelector(".told").textContent = constants.told;
button.title = button.ariaLabel = constants.clear;
button.addEventListener("click", () => tell("area", { area: null }));
const show = () => { token.hidden = !props.value?.shown; };
watch("value", show);
show();
