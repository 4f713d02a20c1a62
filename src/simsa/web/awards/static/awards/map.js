/* Arrow keys on the tile map: from tile to tile, to the nearest one that way; one of them is in the order of Tab.
   What a tile says is written below the map as well, for eyes that read no name on it. */
(function () {
  "use strict";
  var WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function middle(link) {
    var box = link.querySelector("rect").getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }

  /* Straight ahead counts once, aside three times: empty places are jumped, and no tile is out of reach. */
  function nearest(links, from, way) {
    var here = middle(from), best = null, least = Infinity;
    links.forEach(function (link) {
      var there = middle(link), dx = there[0] - here[0], dy = there[1] - here[1];
      var ahead = dx * way[0] + dy * way[1], aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (ahead > 1 && aside <= ahead + 1 && ahead + 3 * aside < least) { least = ahead + 3 * aside; best = link; }
    });
    return best;
  }

  document.addEventListener("focusin", function (event) {
    var link = event.target.closest(".map svg a");
    if (link) link.closest(".map").querySelector(".told").textContent = link.querySelector("title").textContent;
  });

  document.addEventListener("keydown", function (event) {
    var from = event.target.closest && event.target.closest(".map svg a");
    if (!from || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    var links = Array.prototype.slice.call(from.ownerSVGElement.querySelectorAll("a"));
    var to = null;
    if (WAYS[event.key]) to = nearest(links, from, WAYS[event.key]);
    else if (event.key === "Home") to = links[0];
    else if (event.key === "End") to = links[links.length - 1];
    else return;
    event.preventDefault();
    if (!to) return;
    from.setAttribute("tabindex", "-1");
    to.removeAttribute("tabindex");
    to.focus();
  });
})();
