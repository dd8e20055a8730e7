#!/bin/sh
# Opens the lessons. The first time it sets up .venv beside this file, which takes a minute or two; after that it starts at once.
# Other commands: sh start.sh report answers.xlsx | check | forget; without a browser: sh start.sh lab --no-browser
here=$(dirname "$0")
probe='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
if [ ! -f "$here/kit.py" ]; then
  echo "kit.py is missing: unpack the whole zip and start there. / kit.py yok: zip dosyasının tamamını açın, oradan başlatın." >&2
  exit 1
fi
case "$1" in -h | --help | help)
  cat <<'END'
sh start.sh                        opens the lessons; stop them with Ctrl+C, twice
sh start.sh check                  is this computer ready, and if not, what to do
sh start.sh report answers.xlsx    a page of results from a survey file (--lang tr: in Turkish)
sh start.sh handouts --lang tr     pages to print
sh start.sh forget                 lists what people brought or made in this folder; with --yes it is deleted

sh start.sh                        dersleri açar; durdurmak için iki kez Ctrl+C
sh start.sh check                  bilgisayar hazır mı, değilse ne yapmalı
sh start.sh report yanitlar.xlsx --lang tr    anket dosyasından bir sonuç sayfası
sh start.sh handouts --lang tr     yazdırılacak sayfalar
sh start.sh forget                 bu klasöre getirilen ya da burada üretilen dosyaları listeler; --yes eklerseniz siler
END
  exit 0 ;;
esac
[ $# -gt 0 ] || set -- lab
for folder in "$here"/wheels/*-3.*; do  # the Python that this pack brings packages for goes first
  brought="$brought python${folder##*-}"
done
for python in "$PYTHON" $brought python3 python3.14 python3.13 python3.12 python3.11 python; do
  if "$python" -c "$probe" >/dev/null 2>&1; then
    exec "$python" "$here/kit.py" "$@"
  fi
done
cat >&2 <<'END'
No Python 3.11 or newer was found on this computer (or it lacks venv).
  1. Install it: from python.org; on Debian and Ubuntu: sudo apt install python3 python3-venv
  2. Start this file again. To name one yourself: PYTHON=/path/to/python3 sh start.sh

Bu bilgisayarda Python 3.11 ya da daha yenisi bulunamadı (ya da venv eksik).
  1. Kurun: python.org adresinden; Debian ve Ubuntu'da: sudo apt install python3 python3-venv
  2. Bu dosyayı yeniden başlatın. Kendiniz göstermek için: PYTHON=/yol/python3 sh start.sh
END
exit 1
