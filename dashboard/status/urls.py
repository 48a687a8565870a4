from django.urls import path

from dashboard.status import views

urlpatterns = [
    path("status/", views.status, name="status"),
    path("status/energy/", views.energy, name="status-energy"),
    path("status/stop/<slug:ticket>/", views.stop, name="status-stop"),
    path("status.json", views.status_json, name="status-json"),
    path("status/gpu/<int:pk>/", views.card, name="status-card"),
    path("c/<int:pk>/behind/", views.behind, name="conversation-behind"),
]
