# Days in a stage, how visits end, and contacts as they happen, by survival and glm. Run: Rscript stays.R > stays.csv
# The data are made by whole-number arithmetic, so that tests/test_stays.py and tests/test_contact_days.py make the same ones without R.
suppressPackageStartupMessages(library(survival))
draws <- function(n, seed) { x <- seed; out <- numeric(n); for (i in 1:n) { x <- (x * 4093 + 18257) %% 65536; out[i] <- x }; out }
show <- function(name, values) for (k in seq_along(values)) cat(sprintf("%s.%d,%.17g\n", name, k - 1, values[k]))
cat("name,value\n")

# Visits to one stage: 240 customers in three groups; ends 0 still there, 1 on, 2 back, 3 left.
n <- 240
time <- 1 + draws(n, 7) %% 97
end <- c(0, 1, 1, 1, 2, 3, 0, 1)[1 + draws(n, 11) %/% 8192]
group <- (0:(n - 1)) %% 3
medians <- function(fit) { t <- summary(fit)$table; if (is.matrix(t)) t(t[, c("median", "0.95LCL", "0.95UCL")]) else t[c("median", "0.95LCL", "0.95UCL")] }
show("median", medians(survfit(Surv(time, end > 0) ~ 1)))
show("median.group", medians(survfit(Surv(time, end > 0) ~ group)))
m80 <- summary(survfit(Surv(time, end > 0) ~ 1, conf.int = .8))$table
show("median.80", m80[c("median", "0.8LCL", "0.8UCL")])
level <- survfit(Surv(c(2, 4, 6, 9), c(1, 1, 1, 1)) ~ 1)  # runs level at one half from day 4 to day 6
show("median.level", medians(level))
late <- survfit(Surv(c(3, 5, 8, 8, 9, 12, 12, 15), c(1, 0, 1, 0, 1, 0, 0, 0)) ~ 1)  # fewer than half seen to end
show("median.late", medians(late))
cif <- survfit(Surv(time, factor(end, 0:3)) ~ 1)
show("incidence.40", summary(cif, times = 40)$pstate[1, c(2, 3, 4, 1)])
for (g in 0:2) show(paste0("incidence.40.", g), summary(survfit(Surv(time, factor(end, 0:3)) ~ 1, subset = group == g), times = 40)$pstate[1, c(2, 3, 4, 1)])

# Contacts: the same visits with up to two contacts each, some on the day of entry, some on the day of the move or after it.
people <- data.frame(id = 1:n, time = time, moved = as.numeric(end == 1))
contacts <- data.frame(id = c(1:n, 1:n), day = c(draws(n, 23) %% 80, draws(n, 29) %% 160))
contacts <- contacts[order(contacts$id, contacts$day), ]
rows <- tmerge(people[c("id", "time")], people, id = id, move = event(time, moved))
rows <- tmerge(rows, contacts, id = id, contacts = cumtdc(day))
rows$contacts[is.na(rows$contacts)] <- 0
rows$seen <- as.numeric(rows$contacts > 0)
show("rows", c(nrow(rows), sum(rows$contacts), sum(rows$seen * (rows$tstop - rows$tstart))))
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(tstart, tstop, move) ~ seen, rows, ties = ties, control = coxph.control(eps = 1e-10))
  show(paste0("cox.", ties), c(coef(fit), sqrt(vcov(fit)), fit$loglik[2]))
}
days <- survSplit(Surv(tstart, tstop, move) ~ ., rows, cut = 1:200)
fit <- glm(move ~ tstop + seen, binomial, days, control = glm.control(epsilon = 1e-14))
show("days", nrow(days))
show("logit", c(coef(fit), sqrt(diag(vcov(fit)))))
show("logit.clustered", sqrt(diag(sandwich::vcovCL(fit, days$id, type = "HC1"))))
