# Thin on purpose: what happens is in kit.py, which also runs where there is no make (Windows: `py kit.py lab`).
# PYTHON=... chooses another interpreter. A name on the PATH may be a shim that starts nothing, so each is tried by running it.
PROBE = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
FIND_PYTHON = for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
  if "$$p" -c '$(PROBE)' >/dev/null 2>&1; then found="$$p"; break; fi; done; \
  if [ -z "$$found" ]; then echo "No Python 3.11 or newer with venv was found. Install it (python.org, or on Debian: apt install python3-venv), or name one: make lab PYTHON=/path/to/python3" >&2; exit 1; fi

.PHONY: lab test report check lessons exercises locks benchmarks pack handouts forget
lab test check lessons exercises locks benchmarks:
	@$(FIND_PYTHON); exec "$$found" kit.py $@
report:
	@$(FIND_PYTHON); exec "$$found" kit.py report $(if $(FILE),"$(FILE)") $(if $(OUT),--out "$(OUT)") $(if $(LANGUAGE),--lang $(LANGUAGE)) $(ARGS)
handouts:
	@$(FIND_PYTHON); exec "$$found" kit.py handouts $(if $(LANGUAGE),--lang $(LANGUAGE)) $(if $(OUT),--out "$(OUT)") $(ARGS)
pack:
	@$(FIND_PYTHON); exec "$$found" kit.py pack $(if $(WHEELS),--wheels $(WHEELS)) $(if $(OUT),--out "$(OUT)")
forget:
	@$(FIND_PYTHON); exec "$$found" kit.py forget $(if $(FILE),"$(FILE)") $(ARGS)
