@echo off
rem Opens the lessons. The first time it sets up .venv beside this file, which takes a minute or two; after that it starts at once.
rem Other commands: start.bat report answers.xlsx, start.bat check, start.bat forget
chcp 65001 >nul
setlocal
set "HERE=%~dp0"
set "ARGS=%*"
set "FOUND="
if not defined ARGS set "ARGS=lab"
if not exist "%HERE%kit.py" goto incomplete
rem The Python that this pack brings packages for goes first.
for /d %%d in ("%HERE%wheels\windows-3.*") do for /f "tokens=2 delims=-" %%v in ("%%~nxd") do if not defined FOUND call :probe py -%%v
if not defined FOUND call :probe py -3
if not defined FOUND call :probe python
if not defined FOUND call :probe python3
if not defined FOUND goto missing
%FOUND% "%HERE%kit.py" %ARGS%
if errorlevel 1 pause
exit /b

:probe
%* -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "FOUND=%*"
exit /b

:incomplete
echo Unpack the zip first: right click on it, "Extract All", then start this file in the new folder.
echo Önce zip dosyasını açın: sağ tıklayın, "Tümünü Ayıkla", sonra bu dosyayı yeni klasörde başlatın.
pause
exit /b 1

:missing
echo No Python 3.11 or newer was found on this computer.
echo   1. Install it from python.org and tick "Add python.exe to PATH".
echo   2. Start this file again.
echo.
echo Bu bilgisayarda Python 3.11 ya da daha yenisi bulunamadı.
echo   1. python.org adresinden kurun, "Add python.exe to PATH" kutusunu işaretleyin.
echo   2. Bu dosyayı yeniden başlatın.
pause
exit /b 1
