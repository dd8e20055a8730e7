# Occupancy of states with moves back, exits, censoring and late entry, by R: robust errors of survival::survfit (starting mix fixed, and sampled, as
# its influence = TRUE counts it), Greenwood's of etm::etm. Data: journey_spells.csv, 160 simulated customers; those above 120 enter late.
# Run from the folder of this file: Rscript journey.R > journey.csv
suppressPackageStartupMessages({library(survival); library(etm)})
put <- function(name, values) for (k in seq_along(values)) cat(sprintf("%s.%d,%.17g\n", name, k - 1, values[k]))
cat("name,value\n")
states <- c("A", "B", "C", "X"); days <- c(5, 20, 40, 55)
s <- read.csv("journey_spells.csv")
s$event <- factor(ifelse(s$`next` == "", "none", s$`next`), c("none", states)); s$state <- factor(s$state, states)
early <- s[s$customer <= 120, ]
survfit_at <- function(data, name, ...) {
  f <- survfit(Surv(start, stop, event) ~ 1, data, id = customer, istate = state, ...)
  at <- summary(f, times = days, extend = TRUE)
  order <- match(states, f$states)
  put(paste0(name, ".p"), t(at$pstate[, order])); put(paste0(name, ".se"), t(at$std.err[, order]))
}
survfit_at(early, "fixed"); survfit_at(early, "sampled", influence = TRUE); survfit_at(s, "late", p0 = c(1, 0, 0, 0))
possible <- matrix(TRUE, 4, 4, dimnames = list(states, states)); diag(possible) <- FALSE; possible["X", ] <- FALSE
etm_at <- function(data, name, from, s = 0) {
  d <- data.frame(id = data$customer, from = as.character(data$state), to = ifelse(data$event == "none", "cens", as.character(data$event)),
                  entry = data$start, exit = data$stop)
  f <- etm(d, states, possible, "cens", s = s)
  v <- function(k, t) f$cov[paste(from, states[k]), paste(from, states[k]), as.character(t)]
  for (t in days[days > s]) {
    t <- max(f$time[f$time <= t])
    put(sprintf("%s.p", name), f$est[from, , as.character(t)]); put(sprintf("%s.se", name), sqrt(sapply(1:4, v, t)))
  }
}
etm_at(s, "etm.A", "A"); etm_at(s, "etm.B", "B"); etm_at(s, "etm.B10", "B", 10)
