# Absorption and fitted chances by markovchain, Wilson's interval by prop.test. Run: Rscript chains.R > chains.csv
# The sequences are made by whole-number arithmetic, so that tests/test_chains.py makes the same ones without R.
suppressPackageStartupMessages(library(markovchain))
show <- function(name, value) cat(sprintf("%s,%.15g\n", name, value))
cat("name,value\n")
stages <- c("assess", "admit", "affirm", "activate", "acclimate", "accomplish", "adopt")
states <- c(stages, "advocate", "left")
ends <- function(name, p) {
  chain <- new("markovchain", states = rownames(p), transitionMatrix = p)
  reached <- absorptionProbabilities(chain)
  steps <- meanAbsorptionTime(chain)
  for (state in rownames(reached)) show(paste(name, "probability", state, sep = "."), reached[state, colnames(reached)[1]])
  for (state in names(steps)) show(paste(name, "steps", state, sep = "."), steps[[state]])
}
# Forward .72, back .12, left .16; the first stage forward .84, no way back.
p <- matrix(0, 9, 9, dimnames = list(states, states))
for (k in 1:7) {
  p[k, k + 1] <- if (k == 1) .84 else .72
  if (k > 1) p[k, k - 1] <- .12
  p[k, "left"] <- .16
}
p["advocate", "advocate"] <- p["left", "left"] <- 1
ends("stages", p)
# With staying, three ends and moves that jump.
q <- matrix(c(.90, .06, .01, .01, .01, .01,
              .02, .91, .04, .00, .02, .01,
              .00, .05, .85, .06, .03, .01,
              0, 0, 0, 1, 0, 0,
              0, 0, 0, 0, 1, 0,
              0, 0, 0, 0, 0, 1), 6, byrow = TRUE, dimnames = rep(list(c("a", "b", "c", "won", "lost", "moved")), 2))
ends("daily", q)
# Sequences of states: the chances per move, and Wilson's interval.
walk <- lapply(0:39, function(i) {
  j <- cumsum((i * 7 + (0:9) * (3 + i %% 5) + ((0:9)^2 + i) %% 7) %% 3 + 1) %% 4
  c("a", "b", "c", "d")[j[c(TRUE, diff(j) != 0)] + 1]
})
fit <- markovchainFit(walk)$estimate@transitionMatrix
for (from in rownames(fit)) for (to in colnames(fit)) if (fit[from, to] > 0) {
  show(paste("fit", from, to, sep = "."), fit[from, to])
  pairs <- unlist(lapply(walk, function(s) paste(head(s, -1), tail(s, -1))))
  n <- sum(startsWith(pairs, paste0(from, " ")))
  wilson <- suppressWarnings(prop.test(sum(pairs == paste(from, to)), n, correct = FALSE)$conf.int)
  show(paste("low", from, to, sep = "."), wilson[1]); show(paste("high", from, to, sep = "."), wilson[2])
}
